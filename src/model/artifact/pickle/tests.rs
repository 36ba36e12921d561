use super::super::allow::Allow;
use super::super::finding::Fault;
use super::super::part::Part;
use super::{Pickle, Reader, scan};

/// Faults of a pickle, and whether it could be read to its end.
fn faults(bytes: &[u8]) -> (Vec<Fault>, bool) {
    faults_with(&Allow::usual_and([]).unwrap(), bytes)
}

fn faults_with(allow: &Allow, bytes: &[u8]) -> (Vec<Fault>, bool) {
    let mut found = Pickle::default();
    let done = scan(&Part::of(bytes.to_vec()), Reader::Any, allow, &mut found);
    (
        found.faults.into_iter().map(|(_, f)| f).collect(),
        done.is_ok(),
    )
}

fn global(module: &str, name: &str) -> Vec<Fault> {
    vec![Fault::Global {
        module: module.to_owned(),
        name: name.to_owned(),
    }]
}

fn word(text: &str) -> Vec<u8> {
    [&[0x8c, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

fn stack_global(before: &[u8]) -> Vec<u8> {
    [b"\x80\x04", before, b"\x93", &word("true"), b"\x85R."].concat()
}

#[test]
fn every_way_to_name_a_function_is_resolved() {
    let (os, system) = (word("os"), word("system"));
    let ways: Vec<Vec<u8>> = vec![
        b"cos\nsystem\n(S'true'\ntR.".to_vec(),
        b"(S'true'\nios\nsystem\n.".to_vec(),
        b"(cos\nsystem\nS'true'\no.".to_vec(),
        stack_global(&[&os[..], &system].concat()),
        stack_global(&[&os[..], b"\x940", &system, b"\x940h\x00h\x01"].concat()),
        stack_global(&[&os[..], b"r\x9f\x86\x01\x000j\x9f\x86\x01\x00", &system].concat()),
        stack_global(b"V\\u006fs\nVsyst\\u0065m\n"),
        stack_global(b"S'\\x6fs'\nS\"sys\\164em\"\n"),
        stack_global(&[&word("x")[..], b"0\x95\0\0\0\0\0\0\0\0", &os, &system].concat()),
    ];
    for way in ways {
        let text = String::from_utf8_lossy(&way).into_owned();
        assert_eq!(faults(&way), (global("os", "system"), true), "{text:?}");
    }
}

#[test]
fn what_only_running_would_tell_is_refused() {
    let text = [
        &word("builtins")[..],
        &word("str"),
        b"\x93",
        &word("os"),
        b"\x85R",
    ]
    .concat();
    let computed = stack_global(&[&text[..], &word("system")].concat());
    assert_eq!(faults(&computed).0[0], Fault::Unresolved);
    assert_eq!(
        faults(b"\x80\x02\x82\x01(tR.").0,
        [Fault::Extension { code: 1 }]
    );
    let result = b"ccollections\nOrderedDict\n)R)R.";
    assert_eq!(faults(result).0, [Fault::Call]);
    let class = b"\x80\x02ccollections\nOrderedDict\n}X\x01\0\0\0aNsb.";
    assert_eq!(faults(class).0, [Fault::Changes]);
    let codec = b"\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x04\0\0\0evil\x86R.";
    assert_eq!(faults(codec).0, [Fault::Encoding]);
    let latin = b"\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x06\0\0\0latin1\x86R.";
    assert_eq!(faults(latin), (vec![], true));
}

#[test]
fn a_name_is_told_even_where_the_rest_is_broken() {
    assert_eq!(
        faults(b"cos\nsystem\n(S'true'\ntR"),
        (global("os", "system"), false)
    );
    assert_eq!(
        faults(b"cos\nsystem\n(S'true'\ntR\xff"),
        (global("os", "system"), false)
    );
    let inner = [
        b"\x80\x04".to_vec(),
        word("os"),
        word("system"),
        b"\x93.".to_vec(),
    ]
    .concat();
    let outer = [
        b"\x80\x04B",
        &u32::try_from(inner.len()).unwrap().to_le_bytes()[..],
        &inner,
        b".",
    ]
    .concat();
    assert_eq!(faults(&outer), (global("os", "system"), true));
}

/// An object that describes an array of 4 bytes, its state without the end of the mapping.
const ARRAY: &[u8] = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\0\0\0shapeK\x04\x85X\x05\0\0\0dtypecnumpy\ndtype\n\
    X\x02\0\0\0u1\x89\x88\x87R";

#[test]
fn bytes_of_arrays_are_stepped_over_only_where_joblib_does() {
    let evil = b"cos\nsystem\n(S'true'\ntR.";
    assert_eq!(
        faults(&[ARRAY, b"ub\xff\xff\xff\xff."].concat()),
        (vec![], true)
    );
    // Who opens it with pickle would run them.
    let long = [ARRAY, b"ub0000", evil].concat();
    assert_eq!(faults(&long).0, global("os", "system"));
    // A method that reads is replaced: joblib would not step over anything.
    let method = b"X\x0a\0\0\0read_arraycbuiltins\nlist\nub";
    let (_, whole) = faults(
        &[
            ARRAY,
            b"ub\xff\xff\xff\xff0",
            ARRAY,
            &method[..],
            b"\xff\xff\xff\xff.",
        ]
        .concat(),
    );
    assert!(!whole);
    // Its class made by something else than a call, or an object of it handed on.
    for (before, after) in [
        (&b"csklearn.x\nnewObj\n"[..], &b"\x85R}b."[..]),
        (b"cpandas.core.indexes.base\n_new_Index\n", b"}\x86R}b."),
        (
            b"ccopyreg\n_reconstructor\n",
            b"cbuiltins\nobject\nN\x87R}b.",
        ),
        (b"cnumpy\nmax\n]", b")\x81a\x85R}b."),
    ] {
        let bytes = [before, b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n", after].concat();
        assert!(faults(&bytes).0.contains(&Fault::Description), "{bytes:?}");
    }
}

#[test]
fn an_honest_value_has_no_faults() {
    // pickle.dumps({"a": [1, 2.5, None], "b": OrderedDict(x=(1, 2))}, protocol=4)
    let bytes = b"\x80\x04\x95J\0\0\0\0\0\0\0}\x94(\x8c\x01a\x94]\x94(K\x01G@\x04\0\0\0\0\0\0Ne\x8c\x01b\x94\
        \x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94\x8c\x01x\x94K\x01K\x02\x86\x94su.";
    assert_eq!(faults(bytes), (vec![], true));
}

#[test]
fn no_bytes_make_it_panic() {
    let seed = b"\x80\x04\x95J\0\0\0\0\0\0\0}\x94(\x8c\x01a\x94]\x94(K\x01Ne\
        \x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\
        \x93\x94)R\x94}bcjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\0\0\0shapeK\x02\x85ub(tI01\nL5L\ng1\n1o.";
    let allow = Allow::usual_and([]).unwrap();
    for cut in 0..seed.len() {
        faults_with(&allow, &seed[..cut]);
        for byte in 0..=255 {
            let mut bytes = seed.to_vec();
            bytes[cut] = byte;
            faults_with(&allow, &bytes);
        }
    }
}
