//! `[account]`: what answers a challenge.

use crate::model::Secret;
use crate::model::traffic::{Account, Part, Password, Template};
use crate::read::{At, Text};
use crate::traffic_file::Compiler;
use crate::traffic_file::template::Use;

settings! {
    /// What answers a challenge.
    pub(crate) struct AccountSettings {
        /// The user, such as `{user}`.
        user: At<Text>,
        /// The column of the password, such as `{pin}`.
        password: Option<At<Text>>,
        /// The variable of the environment that holds it, instead.
        password_env: Option<At<Text>>,
        /// The file that holds it, instead.
        password_file: Option<At<Text>>,
    }
}

/// What a user may be, for messages.
pub(crate) const USER: &str =
    "expected a name without quotes and `\\`, or a column such as `{user}`";

/// Returns whether a text may stand between the quotes of a digest's `username` (RFC 3261 §25.1) as it is.
pub(crate) fn is_user(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'))
}

impl AccountSettings {
    /// Turns the settings into the model.
    pub(crate) fn resolve(&self, compiler: &mut Compiler<'_>) -> Option<Account> {
        let user = self.user(compiler);
        let password = match (&self.password, &self.password_env, &self.password_file) {
            (Some(column), None, None) => self.column(column, compiler),
            (Some(column), _, _) => {
                let fault =
                    compiler.resolver.faults.error(column.span, "the password is in two places");
                fault.label("expected one of `password`, `password_env` and `password_file`");
                None
            }
            (None, variable, file) => self.secret(variable, file, compiler).map(Password::Secret),
        };
        Some(Account { user: user?, password: password? })
    }

    fn user(&self, compiler: &mut Compiler<'_>) -> Option<Template> {
        let template = compiler.template(&self.user, Use::User)?;
        if template.parts.is_empty() || !template.fixed_parts().all(is_user) {
            let fault = compiler.resolver.faults.error(self.user.span, "this is not a user");
            fault.label(USER);
            return None;
        }
        Some(template)
    }

    fn secret(
        &self,
        variable: &Option<At<Text>>,
        file: &Option<At<Text>>,
        compiler: &mut Compiler<'_>,
    ) -> Option<Secret> {
        crate::secret::resolve(variable, file, compiler.resolver, |faults| {
            let fault = faults.error(self.user.span, "this account has no password");
            fault.label("expected `password_env`, `password_file`, or a column as `password`");
        })
    }

    /// Takes a text for a single column.
    fn column(&self, text: &At<Text>, compiler: &mut Compiler<'_>) -> Option<Password> {
        let template = compiler.template(text, Use::Plain)?;
        if let [Part::Column(column)] = template.parts[..] {
            return Some(Password::Column(column));
        }
        // A file of rows that could not be read has its own fault.
        compiler.columns.names.as_ref()?;
        let fault = compiler.resolver.faults.error(text.span, "a load file holds no password");
        fault.label("expected a column such as `{pin}`").hint(
            "`password_env = \"…\"` or `password_file = \"…\"` names the place of one for all calls",
        );
        None
    }
}
