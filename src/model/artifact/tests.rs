use super::part::Part;
use super::{
    Allow, Artifact, Asked, Fault, Kind, MAX_UNPACKED, inspect, onnx, safetensors, tar, zip,
};
use std::fs;
use std::io::Write;

const EVIL: &[u8] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.";

fn asked() -> Asked {
    Asked {
        allow: Allow::usual_and([]).unwrap(),
        max_bytes: None,
        files: Vec::new(),
        max_unpacked: MAX_UNPACKED,
    }
}

fn of(name: &str, bytes: &[u8]) -> Artifact {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    inspect(&path, &asked()).unwrap()
}

fn sentences(found: &Artifact) -> Vec<String> {
    found.findings.iter().map(ToString::to_string).collect()
}

/// A ZIP archive of members that are not packed.
fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in members {
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let name_len = u16::try_from(name.len()).unwrap().to_le_bytes();
        let common = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &size,
            &size,
            &name_len,
            &[0, 0],
        ]
        .concat();
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        directory.extend(
            [
                b"PK\x01\x02\x14\0",
                &common[..],
                &[0; 10],
                &at,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    bytes.extend(directory);
    bytes.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &size,
            &at,
            &[0, 0],
        ]
        .concat(),
    );
    bytes
}

fn tarred(name: &str, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    block[156] = b'0';
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.extend(content);
    block.resize(block.len().next_multiple_of(512) + 1024, 0);
    block
}

fn tensors(header: &str, bytes: usize) -> Vec<u8> {
    let len = (header.len() as u64).to_le_bytes();
    [&len[..], header.as_bytes(), &vec![0; bytes]].concat()
}

/// A field of Protocol Buffers that holds bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [
        &[number << 3 | 2, u8::try_from(content.len()).unwrap()],
        content,
    ]
    .concat()
}

/// A model with one input of two sizes, whose weights are at `location`.
fn model(location: &str) -> Vec<u8> {
    let shape = [field(1, &[8, 3]), field(1, &field(2, b"n"))].concat();
    let kind = field(1, &[&[8, 1], &field(2, &shape)[..]].concat());
    let port = [field(1, b"x"), field(2, &kind)].concat();
    let external = [field(1, b"location"), field(2, location.as_bytes())].concat();
    let weight = [field(8, b"w"), field(13, &external)].concat();
    let node = field(4, b"Add");
    let graph = [
        field(1, &node),
        field(5, &weight),
        field(11, &port),
        field(11, &field(1, b"w")),
    ]
    .concat();
    [
        &[8, 9],
        &field(2, b"mine")[..],
        &field(8, &[16, 17]),
        &field(7, &graph),
    ]
    .concat()
}

#[test]
fn content_decides_and_members_are_looked_into() {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&tarred("weights.bin", EVIL)).unwrap();
    let inner = zipped(&[("a/data.png", EVIL), ("a/version", b"3\n")]);
    for (name, bytes, kind, place) in [
        ("weights.bin", EVIL.to_vec(), Kind::Pickle, "weights.bin"),
        (
            "model.onnx.txt",
            inner.clone(),
            Kind::Zip,
            "model.onnx.txt!a/data.png",
        ),
        (
            "m.npz",
            zipped(&[("in.zip", &inner)]),
            Kind::Zip,
            "m.npz!in.zip!a/data.png",
        ),
        (
            "x",
            gz.finish().unwrap(),
            Kind::Packed,
            "x!gzip!weights.bin",
        ),
    ] {
        let found = of(name, &bytes);
        assert_eq!(found.files[0].kind, kind, "{name}");
        let expected = format!("{place} at byte 14: imports `os.system`, which is not allowed");
        assert_eq!(sentences(&found), [expected], "{name}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_told() {
    let archive = zipped(&[("a.txt", b"hi")]);
    let before = sentences(&of("m.pkl", &[EVIL, &archive].concat()));
    assert!(before.iter().any(|s| s.contains("os.system")), "{before:?}");
    assert!(
        before.iter().any(|s| s.contains("in front of the archive")),
        "{before:?}"
    );
    let named = sentences(&of("m.tar", &tarred("cos\nsystem\n(S'true'\ntR.", b"")));
    assert!(named[0].contains("os.system"), "{named:?}");
    let mut renamed = archive.clone();
    renamed[30] = b'b';
    assert!(matches!(
        of("m", &renamed).findings[0].fault,
        Fault::Ambiguous { .. }
    ));
    // A second end record, for large archives, that points to another directory than the first.
    let (hidden, plain) = (zipped(&[("a", EVIL)]), archive.len());
    let (start, end) = (plain + hidden.len() - 22 - 47, plain + hidden.len() - 22);
    let mut two = [&archive[..], &hidden[..hidden.len() - 22]].concat();
    let wide = |n: usize| (n as u64).to_le_bytes();
    two.extend(
        [
            &b"PK\x06\x06"[..],
            &wide(44),
            &[45, 0, 45, 0],
            &[0; 8],
            &wide(1),
            &wide(1),
            &wide(end - start),
        ]
        .concat(),
    );
    two.extend(
        [
            &wide(start)[..],
            b"PK\x06\x07\0\0\0\0",
            &wide(end),
            &[1, 0, 0, 0],
        ]
        .concat(),
    );
    two.extend(&archive[plain - 22..]);
    let said = sentences(&of("m.pt", &two));
    assert!(
        said.iter().any(|s| s.contains("end records disagree")),
        "{said:?}"
    );
}

#[test]
fn members_that_are_encrypted_or_lead_outside_are_refused() {
    let mut encrypted = zipped(&[("a.txt", b"hi")]);
    encrypted[6] = 1;
    assert!(matches!(
        of("m", &encrypted).findings[0].fault,
        Fault::Sealed { .. }
    ));
    let out = zipped(&[("../x", b"")]);
    assert!(matches!(
        of("m", &out).findings[0].fault,
        Fault::Escapes { .. }
    ));
    assert!(matches!(
        of("m.tar", &tarred("/etc/x", b"")).findings[0].fault,
        Fault::Escapes { .. }
    ));
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&vec![0; 1 << 20]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.joblib"), packed.finish().unwrap()).unwrap();
    let small = Asked {
        max_unpacked: 1000,
        ..asked()
    };
    let found = inspect(folder.path(), &small).unwrap();
    assert_eq!(found.findings[0].fault, Fault::Bomb { limit: 1000 });
}

#[test]
fn budget_and_files_that_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("MLmodel"), "flavors: {}\n").unwrap();
    fs::write(folder.path().join("data/a.txt"), "x").unwrap();
    let pattern = |p: &str| glob::Pattern::new(p).unwrap();
    let strict = Asked {
        max_bytes: Some(12),
        files: vec![pattern("MLmodel"), pattern("*.txt"), pattern("**/*.txt")],
        ..asked()
    };
    let found = inspect(folder.path(), &strict).unwrap();
    assert_eq!(
        sentences(&found),
        [
            "all files: 13 bytes, and at most 12 are allowed",
            "the model's folder: no file fits `*.txt`"
        ]
    );
    let same = inspect(folder.path(), &asked()).unwrap();
    assert_eq!((same.digest, same.bytes), (found.digest.clone(), 13));
    fs::write(folder.path().join("data/a.txt"), "y").unwrap();
    assert_ne!(
        inspect(folder.path(), &asked()).unwrap().digest,
        found.digest
    );
    let error = inspect(&folder.path().join("nothing"), &asked()).unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
}

#[test]
fn a_header_of_safetensors_is_held_against_its_bytes() {
    let a = r#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let b = r#""b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}"#;
    let good = of(
        "m.safetensors",
        &tensors(
            &format!("{{{b},{a},\"__metadata__\":{{\"k\":\"v\"}}}}  "),
            9,
        ),
    );
    assert_eq!(sentences(&good), [""; 0]);
    let header = &good.safetensors[0].1;
    assert_eq!(
        (header.tensors[0].name.as_str(), header.tensors[1].range),
        ("a", (8, 9))
    );
    let moved = b.replace("[8,9]", "[7,8]");
    let hole = b.replace("[8,9]", "[9,10]");
    let kind = a.replace("F32", "F33");
    let huge = a.replace("[2]", "[4294967296,4294967296,2]");
    for (header, bytes, why) in [
        (format!("{{{a},{b}}}"), 10, "9 bytes, and 10 follow"),
        (format!("{{{a},{moved}}}"), 8, "overlaps"),
        (format!("{{{a},{hole}}}"), 10, "belong to no tensor"),
        (format!("{{{a},{a}}}"), 8, "twice"),
        (format!("{{{kind}}}"), 8, "unknown type"),
        (format!("{{{huge}}}"), 8, "does not fit"),
        (format!("{{{}", "{".repeat(100_000)), 8, "no JSON"),
    ] {
        let found = sentences(&of("m.safetensors", &tensors(&header, bytes)));
        assert!(found[0].contains(why), "{why}: {found:?}");
    }
    let mut long = tensors("{}", 0);
    long[..8].copy_from_slice(&(safetensors::LONGEST_HEADER + 1).to_le_bytes());
    assert!(sentences(&of("m.safetensors", &long))[0].contains("at most 100000000"));
}

#[test]
fn a_header_of_onnx_tells_what_goes_in_and_which_files_it_reads() {
    let found = of("m.onnx", &model("w/a.bin"));
    assert_eq!(sentences(&found), [""; 0]);
    let header = &found.onnx[0].1;
    assert_eq!((header.ir_version, header.producer.as_str()), (9, "mine"));
    assert_eq!(header.opsets, [(String::new(), 17)]);
    assert_eq!(header.inputs.len(), 1, "weights are no inputs");
    assert_eq!(header.inputs[0].element, "float32");
    assert_eq!(header.inputs[0].shape, Some(vec![Some(3), None]));
    assert_eq!(header.operators["Add"], 1);
    for out in ["../w", "/etc/passwd", "a/../../b", "C:\\w", ""] {
        let found = of("m.onnx", &model(out));
        let path = out.to_owned();
        assert_eq!(found.findings[0].fault, Fault::Escapes { path });
    }
    assert!(sentences(&of("m.onnx", &[8, 9]))[0].contains("no graph"));
}

#[test]
fn texts_and_numbers_are_not_taken_for_pickles() {
    for text in [
        "class\nfoo\nbar (x) R.\n",
        "cloudpickle\nnumpy\n",
        "carrier\na\nb\n",
        "import os\n",
        "{}",
        ".",
        "",
    ] {
        let found = of("README.md", text.as_bytes());
        assert_eq!(
            (found.files[0].kind, found.findings),
            (Kind::Other, vec![]),
            "{text}"
        );
    }
    assert!(matches!(
        of("m.pkl", b"").findings[0].fault,
        Fault::Broken { .. }
    ));
    assert!(matches!(
        of("m.pkl", b"hello").findings[0].fault,
        Fault::Broken { .. }
    ));
}

#[test]
fn no_bytes_make_a_parser_panic() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let seeds = [
        zipped(&[("a", EVIL), ("b/", b"")]),
        tarred("a", EVIL),
        tensors(header, 8),
        model("w"),
    ];
    let asked = asked();
    for seed in seeds {
        let step = (seed.len() / 200).max(1);
        for at in (0..seed.len()).step_by(step) {
            for change in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = seed.clone();
                bytes[at] ^= change;
                bytes.truncate(if change == 0 { at } else { bytes.len() });
                let part = Part::of(bytes);
                drop(safetensors::read(&part));
                drop(onnx::read(&part));
                drop(tar::read(&part));
                if let Ok(Some(end)) = zip::end(&part) {
                    drop(zip::read(&part, end));
                }
                drop(super::look::Looker::new(&asked).look(&part, "m.pkl", 0));
            }
        }
    }
}
