//! Fetches GraphiQL for the playground, into `OUT_DIR` only. Where that does not work the playground is a small
//! page of our own, so that a build never fails for it.

use std::{env, fs, path::Path, process::Command};

/// What the script leaves in `OUT_DIR`, with the name and type under which it is served. The name carries the
/// version, so that a browser may keep it for ever.
const FETCHED: [(&str, &str, &str); 4] = [
    ("graphiql.min.js", "graphiql-3.9.0.js", "text/javascript; charset=utf-8"),
    ("graphiql.min.css", "graphiql-3.9.0.css", "text/css; charset=utf-8"),
    ("react.production.min.js", "react-18.3.1.js", "text/javascript; charset=utf-8"),
    ("react-dom.production.min.js", "react-dom-18.3.1.js", "text/javascript; charset=utf-8"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for input in ["build.rs", "build/fetch.mjs"] {
        say(&format!("rerun-if-changed={input}"));
    }
    say("rerun-if-env-changed=SKLEP_PLAYGROUND");
    let out = env::var("OUT_DIR")?;
    let fetched = match env::var("SKLEP_PLAYGROUND").as_deref() {
        Ok("simple") => false,
        _full => fetch(&out).inspect_err(|why| warn(why)).is_ok(),
    };
    let assets = FETCHED.iter().filter(|_| fetched).map(|(file, name, kind)| {
        let path = Path::new(&out).join(file).to_string_lossy().into_owned();
        format!("    Asset {{ name: {name:?}, kind: {kind:?}, body: include_bytes!({path:?}) }},\n")
    });
    let list = format!("const FETCHED: &[Asset] = &[\n{}];\n", assets.collect::<String>());
    Ok(fs::write(Path::new(&out).join("playground.rs"), list)?)
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

fn warn(why: &str) {
    say(&format!(
        "warning=the playground will be the simple one, because GraphiQL could not be fetched: {why}"
    ));
}

fn say(instruction: &str) {
    println!("cargo:{instruction}");
}
