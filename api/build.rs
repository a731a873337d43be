//! Fetches GraphiQL for the playground, into `OUT_DIR` only. Where that does not work the playground is a small page of
//! our own, so that a build does not fail for it unless `SKLEP_PLAYGROUND` says so.

#[path = "build/playground.rs"]
mod playground;

use std::{env, fs, path::Path, process::Command};

use playground::{Playground, obtain};

/// What the script leaves in `OUT_DIR`, with the name and type under which it is served. The name carries the
/// version, so that a browser may keep it for ever.
const FETCHED: [(&str, &str, &str); 4] = [
    ("graphiql.min.js", "graphiql-3.9.0.js", "text/javascript; charset=utf-8"),
    ("graphiql.min.css", "graphiql-3.9.0.css", "text/css; charset=utf-8"),
    ("react.production.min.js", "react-18.3.1.js", "text/javascript; charset=utf-8"),
    ("react-dom.production.min.js", "react-dom-18.3.1.js", "text/javascript; charset=utf-8"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for input in ["build.rs", "build/fetch.mjs", "build/playground.rs"] {
        say(&format!("rerun-if-changed={input}"));
    }
    say("rerun-if-env-changed=SKLEP_PLAYGROUND");
    let out = env::var("OUT_DIR")?;
    let wanted = env::var("SKLEP_PLAYGROUND").ok();
    match obtain(wanted.as_deref(), || fetch(&out)) {
        Ok(playground) => Ok(write(&out, &playground)?),
        Err(why) => {
            say(&format!("error={why}"));
            Ok(())
        }
    }
}

/// Writes the list of fetched files as source.
fn write(out: &str, playground: &Playground) -> std::io::Result<()> {
    if let Playground::Fallback { why } = playground {
        say(&format!(
            "warning=the playground will be the simple one, because GraphiQL could not be fetched: {why}"
        ));
    }
    let fetched = matches!(playground, Playground::Graphiql);
    let assets = FETCHED.iter().filter(|_| fetched).map(|(file, name, kind)| {
        let path = Path::new(out).join(file).to_string_lossy().into_owned();
        format!("    Asset {{ name: {name:?}, kind: {kind:?}, body: include_bytes!({path:?}) }},\n")
    });
    let list = format!("const FETCHED: &[Asset] = &[\n{}];\n", assets.collect::<String>());
    fs::write(Path::new(out).join("playground.rs"), list)
}

fn fetch(out: &str) -> Result<(), String> {
    let script = Path::new("build").join("fetch.mjs");
    let ran = Command::new("node").arg(script).arg(out).output();
    let output = ran.map_err(|error| format!("node cannot be started ({error})"))?;
    if output.status.success() {
        Ok(())
    } else {
        let text = String::from_utf8_lossy(&output.stderr);
        Err(text.lines().next_back().unwrap_or("it ended without a word").to_owned())
    }
}

/// Tells cargo.
fn say(instruction: &str) {
    println!("cargo::{instruction}");
}
