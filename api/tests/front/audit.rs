//! The audits of the `graphql-http` npm package, which check GraphQL over HTTP from the outside. Needs node and npm.

use std::path::Path;

use tokio::process::Command;

use crate::shop::Shop;

/// Pinned, so that a new release cannot fail an old commit.
const PACKAGES: [&str; 2] = ["graphql-http@1.23.1", "graphql@16.15.0"];

#[tokio::test]
async fn every_audit_of_graphql_over_http_is_passed() {
    let shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let install = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(folder.path())
        .args(PACKAGES)
        .output()
        .await
        .expect("npm must be installed: the audits come as an npm package");
    assert!(install.status.success(), "npm install: {}", String::from_utf8_lossy(&install.stderr));
    let script = folder.path().join("audit.mjs");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front/audit.mjs"), &script)
        .unwrap();
    let audit = Command::new("node").arg(&script).arg(shop.url("/graphql")).output().await.unwrap();
    let (told, complained) =
        (String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
    assert!(audit.status.success(), "{told}{complained}");
    // All that there are: 40 and more, none only noticed.
    assert!(told.lines().filter(|line| line.starts_with("ok ")).count() >= 60, "{told}");
}
