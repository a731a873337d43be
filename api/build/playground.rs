/// Which playground a build gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Playground {
    Graphiql,
    /// The simple page, which somebody wanted.
    Simple,
    /// The simple page, because GraphiQL could not be fetched.
    Fallback {
        why: String,
    },
}

/// Does as `SKLEP_PLAYGROUND` says; an empty one is an absent one.
pub(crate) fn obtain(
    wanted: Option<&str>,
    fetch: impl FnOnce() -> Result<(), String>,
) -> Result<Playground, String> {
    match wanted.unwrap_or_default() {
        "simple" => Ok(Playground::Simple),
        "graphiql" => fetch().map(|()| Playground::Graphiql).map_err(|why| {
            format!("SKLEP_PLAYGROUND is graphiql, but GraphiQL could not be fetched: {why}")
        }),
        "" => {
            Ok(fetch().map_or_else(|why| Playground::Fallback { why }, |()| Playground::Graphiql))
        }
        other => Err(format!(
            "SKLEP_PLAYGROUND is {other:?}. It can be graphiql (GraphiQL, or the build fails), simple (a small page, \
             nothing is fetched), or unset (GraphiQL if it can be fetched, else the small page)."
        )),
    }
}
