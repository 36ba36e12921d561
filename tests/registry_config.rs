//! Mistakes in `registries`: told with their place, all at once, exit code 2.

use crate::registry_bench::Bench;

fn told(registry: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), registry, "{registry: production}");
    let bench = bench.with(&[
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "top-secret"),
    ]);
    let told = bench.told(&["run", "tollgate.yaml"]);
    assert_eq!(told.code, 2, "{registry}: {}", told.text);
    assert!(!told.text.contains("top-secret"), "{}", told.text);
    told.text
}

#[test]
fn mistakes_are_told_all_at_once() {
    for (registry, words) in [
        (
            "{kind: gti}",
            &["`gti` is no kind of registry", "did you mean `git`"][..],
        ),
        (
            "{kind: git, remote: --upload-pack=x, branch: main}",
            &["no remote of git's", "has no key `branch`"],
        ),
        (
            "{kind: git, model: 'late flights'}",
            &["cannot be the name of a model in a git registry"],
        ),
        ("{kind: s3}", &["needs `path`"]),
        (
            "{kind: s3, path: 'https://h/b', region: 'a b', endpoint: 'http://user:pass@h'}",
            &[
                "no bucket and prefix",
                "the name of a region",
                "without user and query",
            ],
        ),
        ("{kind: s3, path: 's3://b/../c'}", &["no bucket and prefix"]),
        (
            "{kind: sagemaker, group: late_flights, endpoint: ftp://h}",
            &["letters, digits and `-`", "http or https"],
        ),
        (
            "{kind: sagemaker, model: late_flights}",
            &["cannot be a group of model packages"],
        ),
        ("{kind: http}", &["needs `look`", "needs `move`"]),
    ] {
        let text = told(registry);
        for words in words {
            assert!(text.contains(words), "{registry}: {words}: {text}");
        }
    }
}

#[test]
fn what_no_credentials_are_there_for_is_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    for registry in ["{kind: s3, path: s3://b/p}", "{kind: sagemaker}"] {
        let bench = Bench::new(folder.path(), registry, "{registry: production}");
        // A run warns: as in a pull request, which has no secrets. Whoever promotes needs them.
        for (more, code) in [(&[][..], 0), (&["--promote"], 3)] {
            let told = bench.told(&[&["run", "tollgate.yaml"], more].concat());
            assert_eq!(told.code, code, "{}", told.text);
            assert!(
                told.text.contains("there are no credentials"),
                "{}",
                told.text
            );
        }
        let strict = Bench::new(
            folder.path(),
            registry,
            "{registry: production, on_unread: error}",
        );
        let told = strict.told(&["run", "tollgate.yaml"]);
        assert_eq!(told.code, 2, "{}", told.text);
    }
}
