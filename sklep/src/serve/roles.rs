//! What a process of the shop does.

use std::{collections::BTreeSet, str::FromStr};

use crate::exit_code::Usage;

/// One of the things to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Decides commands.
    Command,
    /// Feeds the views.
    Projector,
    /// Answers queries.
    Query,
}

/// What one process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roles(BTreeSet<Role>);

impl FromStr for Roles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let role = |name: &str| match name.trim() {
            "command" => Ok(Role::Command),
            "projector" => Ok(Role::Projector),
            "query" => Ok(Role::Query),
            other => {
                Err(format!("`{other}` is no role; the roles are command, projector and query"))
            }
        };
        text.split(',').map(role).collect::<Result<_, _>>().map(Self)
    }
}

impl Roles {
    /// What they are called, in one order.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |role: &Role| match role {
            Role::Command => "command".to_owned(),
            Role::Projector => "projector".to_owned(),
            Role::Query => "query".to_owned(),
        };
        self.0.iter().map(name).collect()
    }

    /// Whether the process does this.
    pub(super) fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Refuses roles that cannot be apart, with the reason.
    pub(super) fn check(&self, on_kafka: bool, on_mongodb: bool) -> Result<(), Usage> {
        let refused = |why: &str| Err(Usage(format!("--roles: {why}")));
        let all = self.0.len() == 3;
        if !all && !on_kafka {
            return refused(
                "only one process can use the embedded log, so all roles are in it: leave --roles out, or give --kafka",
            );
        }
        if !all && !on_mongodb {
            return refused(
                "views in memory are seen by their own process alone, so all roles are in it: leave --roles out, or give \
                 --mongodb",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Roles {
        text.parse().unwrap()
    }

    #[test]
    fn all_roles_go_anywhere() {
        assert_eq!(roles("query, command").names(), ["command", "query"]);
        for (on_kafka, on_mongodb) in [(false, false), (false, true), (true, false), (true, true)] {
            assert!(roles("command,projector, query").check(on_kafka, on_mongodb).is_ok());
        }
    }

    #[test]
    fn roles_are_apart_only_where_others_can_see_what_they_do() {
        for text in [
            "command",
            "projector",
            "query",
            "command,query",
            "command,projector",
            "projector,query",
        ] {
            assert!(roles(text).check(true, true).is_ok(), "{text}");
            assert!(roles(text).check(true, false).is_err(), "{text}");
            assert!(roles(text).check(false, true).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for text in ["", "commands", "query,,command"] {
            assert!(text.parse::<Roles>().is_err(), "{text}");
        }
    }
}
