//! Published formats: good and bad values of every kind.
use tollgate::formats::{KINDS, Kind};

/// Name, accepted values, refused values.
const CASES: &[(&str, &[&str], &[&str])] = &[
    (
        "email",
        &["a@b.co", "first.last+tag@sub.example.org", "o'neil@x-y.io"],
        &[
            "a@b", "a@@b.co", ".a@b.co", "a.@b.co", "a b@c.de", "a@-b.co", "ü@b.co", "a@b.co\n",
            "@b.co", "a@1.2",
        ],
    ),
    (
        "url",
        &[
            "https://example.org",
            "http://u:p@h.example:8080/a?b=c#d",
            "HTTPS://[::1]:443/",
            "ftp://127.0.0.1/x",
            "http://localhost",
        ],
        &[
            "example.org",
            "javascript:alert(1)",
            "http://",
            "http:///a",
            "http://a b",
            "http://h:99999",
            "http://h:x",
            "http://[::1",
            "http://[zz]/",
            "http://h/%zz",
            "http://h/ü",
            "http://h/[a]",
            "http://h/#a#b",
        ],
    ),
    (
        "uri",
        &["urn:isbn:0451450523", "mailto:a@b.co", "http://[::1]/"],
        &["a", "1a:b", "a:", "a:b c", ":b", "a:%4"],
    ),
    (
        "hostname",
        &["localhost", "a.b-c.d9", "xn--bcher-kva.example"],
        &["-a", "a-", "a..b", "a.", "a_b", "1.2.3.4", "bücher.de"],
    ),
    (
        "uuid",
        &[
            "123e4567-e89b-12d3-a456-426614174000",
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        ],
        &[
            "123e4567e89b12d3a456426614174000",
            "{123e4567-e89b-12d3-a456-426614174000}",
            "123e4567-e89b-12d3-a456-42661417400g",
            "123e4567-e89b-12d3-a456-4266141740000",
        ],
    ),
    (
        "ipv4",
        &["0.0.0.0", "255.255.255.255"],
        &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3.4/8"],
    ),
    (
        "ipv6",
        &["::", "::1", "2001:db8::8:800:200C:417A", "::ffff:1.2.3.4"],
        &[
            "1::2::3",
            "fe80::1%eth0",
            "::1/64",
            "12345::",
            "1:2:3:4:5:6:7",
        ],
    ),
    (
        "mac",
        &["00:1a:2B:3c:4d:5e", "00-1A-2B-3C-4D-5E"],
        &["00:1a-2b:3c:4d:5e", "001a2b3c4d5e", "00:1a:2b:3c:4d:5g"],
    ),
    (
        "iso_date",
        &["2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"],
        &[
            "2023-02-29",
            "1900-02-29",
            "2024-2-1",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "20240101",
            "2024/01/01",
            "+2024-01-01",
            "２024-01-0",
        ],
    ),
    (
        "iso_datetime",
        &[
            "2024-01-31T23:59:59Z",
            "2024-01-31t00:00:00.123456789z",
            "2024-01-31 12:00:00+05:30",
            "1990-12-31T23:59:60Z",
            "1990-12-31T15:59:60-08:00",
        ],
        &[
            "2024-01-31",
            "2024-01-31T12:00:00",
            "2024-01-31T24:00:00Z",
            "2024-01-31T12:60:00Z",
            "2024-01-31T12:00Z",
            "2024-01-31T12:00:00.Z",
            "2024-01-31T12:00:00+0530",
            "2024-01-31T12:00:00+24:00",
            "1990-12-31T12:59:60Z",
            "2024-02-30T12:00:00Z",
            "2024-01-31T12:00:00Z ",
        ],
    ),
    (
        "iso_country",
        &["DE", "US", "SS"],
        &["de", "UK", "XX", "XK", "DEU", "D", "E A", "É"],
    ),
    (
        "iso_country3",
        &["DEU", "USA"],
        &["deu", "XXX", "GER", "DE"],
    ),
    (
        "iso_currency",
        &["EUR", "USD", "XAU", "XCG"],
        &["eur", "DEM", "HRK", "EURO", "EU", "BTC", "BGN"],
    ),
    (
        "iso_language",
        &["en", "de", "zu"],
        &["EN", "xx", "eng", "sh"],
    ),
    (
        "iban",
        &[
            "GB82WEST12345698765432",
            "DE89370400440532013000",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ],
        &[
            "GB82WEST12345698765433",
            "GB82 WEST 1234 5698 7654 32",
            "gb82west12345698765432",
            "DE8937040044053201300",
            "XX89370400440532013000",
            "DE",
            "DE89é7040044053201300",
        ],
    ),
    (
        "luhn",
        &["4539578763621486", "79927398713", "00", "18"],
        &[
            "79927398710",
            "4539 5787 6362 1486",
            "0",
            "1234567812345678",
            "１８",
        ],
    ),
    (
        "bic",
        &["DEUTDEFF", "DEUTDEFF500", "NEDSZAJJXXX"],
        &["DEUTDEF", "deutdeff", "DEUTXXFF", "DEUTDEFF50", "DÉUTDEF"],
    ),
    (
        "isbn",
        &[
            "0306406152",
            "080442957X",
            "978-0-306-40615-7",
            "0-306-40615-2",
        ],
        &[
            "0306406153",
            "978-0-306-40615-8",
            "9770306406157",
            "0--306406152",
            "-0306406152",
            "X306406152",
        ],
    ),
    (
        "ean",
        &[
            "4006381333931",
            "73513537",
            "036000291452",
            "00012345600012",
        ],
        &["4006381333932", "400638133393", "4006381333931 ", "12345"],
    ),
    (
        "semver",
        &[
            "1.0.0",
            "0.0.0-alpha.1+build.01",
            "1.2.3----RC",
            "1.0.0+a-b",
        ],
        &[
            "v1.0.0",
            "1.0",
            "01.0.0",
            "1.0.0-01",
            "1.0.0-",
            "1.0.0+",
            "1.0.0.0",
            "1.0.0-a..b",
        ],
    ),
    (
        "json",
        &["null", "[1, 2]", " {\"a\": \"b\"} ", "1e5"],
        &["{a: 1}", "[1,]", "nul", "1 2", "'a'", "NaN"],
    ),
    (
        "base64",
        &["YQ==", "YWI=", "YWJj", "+/+/"],
        &["YQ", "YQ=", "YQ===", "====", "Y Q=", "-_-_", "YQ==\n"],
    ),
    (
        "slug",
        &["a", "a-1-b", "2024"],
        &["A", "a--b", "-a", "a-", "a_b", "é"],
    ),
];

#[test]
fn every_kind_accepts_and_refuses() {
    for (name, good, bad) in CASES {
        let kind = Kind::parse(name).unwrap();
        assert_eq!(kind.name(), *name);
        for v in *good {
            assert!(kind.accepts(v), "{name} refuses {v:?}");
        }
        for v in *bad {
            assert!(!kind.accepts(v), "{name} accepts {v:?}");
        }
    }
    assert_eq!(CASES.len(), KINDS.len());
    assert_eq!(Kind::parse("Email"), None);
}

#[test]
fn hostile_values_have_no_format_and_never_panic() {
    let long = "a".repeat(100_000);
    let digits = "9".repeat(100_001);
    let hostile = [
        "",
        " ",
        "\t",
        "\n",
        "\0",
        "\u{feff}",
        "\u{202e}",
        "💥",
        "éééé",
        "::error::",
        "é-é-é",
        "\u{1b}[31m",
    ];
    for (name, kind, doc) in KINDS {
        assert!(!doc.is_empty());
        for v in hostile {
            assert!(!kind.accepts(v), "{name} accepts {v:?}");
        }
        assert_eq!(
            kind.accepts(&long),
            matches!(*name, "slug" | "base64"),
            "{name}"
        );
        assert_eq!(
            kind.accepts(&digits),
            matches!(*name, "slug" | "json"),
            "{name}"
        );
        let good = CASES.iter().find(|c| c.0 == *name).unwrap().1[0];
        for cut in 0..good.len() {
            let _ = kind.accepts(&format!("{}é{}", &good[..cut], &good[cut..]));
        }
        if *name != "json" {
            assert!(
                !kind.accepts(&format!("{good} ")) && !kind.accepts(&format!(" {good}")),
                "{name}"
            );
        }
    }
}

#[test]
fn deep_json_is_judged_without_overflow() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(Kind::Json.accepts(&deep));
    assert!(!Kind::Json.accepts(&deep[1..]));
}
