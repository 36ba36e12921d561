//! Published formats: good and bad values of every kind.
use tollgate::formats::{Form, KINDS, Kind, Setting};

mod first;
mod second;

/// A format, values that have it, and values that do not.
type Case = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

fn cases() -> impl Iterator<Item = &'static Case> {
    first::CASES.iter().chain(second::CASES)
}

#[test]
fn every_kind_accepts_and_refuses() {
    for (name, good, bad) in cases() {
        let kind = Kind::parse(name).unwrap();
        assert_eq!(kind.name(), *name);
        for v in *good {
            assert!(kind.accepts(v), "{name} refuses {v:?}");
        }
        for v in *bad {
            assert!(!kind.accepts(v), "{name} accepts {v:?}");
        }
    }
    assert_eq!(cases().count(), KINDS.len());
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
            matches!(*name, "slug" | "base64" | "base64url"),
            "{name}"
        );
        assert_eq!(
            kind.accepts(&digits),
            matches!(*name, "slug" | "json"),
            "{name}"
        );
        let Some(good) = cases().find(|c| c.0 == *name).unwrap().1.first() else {
            continue;
        };
        for cut in 0..good.len() {
            let _ = kind.accepts(&format!("{}é{}", &good[..cut], &good[cut..]));
        }
        if !["json", "xml", "geojson_point"].contains(name) {
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

#[test]
fn settings_narrow_a_format_or_overlook_how_it_is_written() {
    let with = |kind, settings: &[Setting<'_>]| {
        settings
            .iter()
            .try_fold(Form::of(kind), |form, s| form.with(*s))
            .and_then(Form::complete)
            .unwrap()
    };
    for (country, good, bad) in [
        ("US", ["10115", "10115-0001"], ["1011", "10115-01"]),
        ("GB", ["SW1A 1AA", "M1 1AE"], ["SW1A1AA", "sw1a 1aa"]),
        ("CA", ["K1A 0B1", "K1A0B1"], ["D1A 0B1", "K1A-0B1"]),
        ("NL", ["1011 AB", "1011AB"], ["1011 ab", "101 AB"]),
        ("IE", ["D02 AF30", "A65F4E2"], ["D0 2AF30", "D02 AF3"]),
    ] {
        let form = with(Kind::PostalCode, &[Setting::Country(country)]);
        assert!(good.iter().all(|v| form.accepts(v)), "{country}");
        assert!(!bad.iter().any(|v| form.accepts(v)), "{country}");
    }
    let german = with(Kind::Vat, &[Setting::Country("DE")]);
    assert!(german.accepts("DE136695976") && german.accepts("136695976"));
    assert!(!german.accepts("ATU13585627") && !german.accepts("DEDE136695976"));
    let greek = with(Kind::Vat, &[Setting::Country("GR")]);
    assert!(greek.accepts("EL094259216"));
    let inner = with(Kind::Ip, &[Setting::Network("2001:db8::/32")]);
    assert!(inner.accepts("2001:db8:ffff::1"));
    assert!(!inner.accepts("2001:db9::") && !inner.accepts("10.0.0.1"));
    let all = with(Kind::Cidr, &[Setting::Network("0.0.0.0/0")]);
    assert!(all.accepts("10.0.0.0/8") && !all.accepts("::/0"));
    let four = with(Kind::Uuid, &[Setting::Version(4)]);
    assert!(four.accepts("c9bf9e57-1685-4c89-bafb-ff5af830be8a"));
    assert!(
        !four.accepts("c9bf9e57-1685-4c89-7afb-ff5af830be8a"),
        "another variant"
    );
    assert!(!four.accepts("c9bf9e57-1685-1c89-bafb-ff5af830be8a"));
    let loose = with(Kind::Iban, &[Setting::Separators, Setting::AnyCase]);
    assert!(loose.accepts("gb82 west 1234 5698 7654 32"));
    for wrong in [
        "gb82  west 1234 5698 7654 32",
        " GB82WEST12345698765432",
        "GB82WEST12345698765432-",
    ] {
        assert!(!loose.accepts(wrong), "{wrong}");
    }
}

#[test]
fn settings_that_do_not_fit_are_refused_with_the_way_out() {
    for (kind, setting, said) in [
        (
            Kind::Email,
            Setting::Country("DE"),
            "it is for postal_code and vat",
        ),
        (
            Kind::PostalCode,
            Setting::Country("XX"),
            "known are AD AR AT",
        ),
        (Kind::Vat, Setting::Country("US"), "are not known"),
        (
            Kind::Email,
            Setting::Network("10.0.0.0/8"),
            "ip, ipv4, ipv6 and cidr",
        ),
        (Kind::Ip, Setting::Network("10.0.0.0"), "is no network"),
        (Kind::Email, Setting::Version(4), "it is for uuid"),
        (Kind::Uuid, Setting::Version(9), "has no version 9"),
    ] {
        let reason = Form::of(kind).with(setting).unwrap_err();
        assert!(reason.contains(said), "{reason}");
    }
    let reason = Form::of(Kind::PostalCode).complete().unwrap_err();
    assert!(reason.contains("give `country`"), "{reason}");
}
