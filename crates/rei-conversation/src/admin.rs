//! The owners' commands in the chat. Everybody else gets the ordinary "unknown command".

use rei_texts::Text;

use crate::Turn;
use crate::effect::Effect;
use crate::event::Origin;

impl Turn<'_> {
    pub(crate) fn admin(&mut self, name: &str, args: String, origin: &Origin) {
        if !self.world.customer.admin {
            return self.say(Text::UnknownCommand {});
        }
        match name {
            "add" => self.effects.push(Effect::AdminAdd { args, message: origin.message }),
            "trial" => self.effects.push(Effect::AdminTrial),
            _ => self.effects.push(Effect::AdminStats),
        }
    }
}
