//! Published formats: good and bad values of every kind.
use tollgate::formats::{Form, KINDS, Kind, Setting};

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
    (
        "ip",
        &["192.0.2.1", "::1", "2001:db8::1"],
        &["192.0.2.256", "1.2.3", "::1::", "a", "192.0.2.1/24"],
    ),
    (
        "cidr",
        &["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "10.1.2.3/32"],
        &[
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/+8",
        ],
    ),
    (
        "tcp_port",
        &["1", "80", "65535"],
        &["0", "65536", "080", "-1", "80 ", "1e3", "+80"],
    ),
    (
        "http_status",
        &["100", "404", "599"],
        &["99", "600", "000", "4O4", "2000", "１00"],
    ),
    (
        "mime",
        &[
            "text/plain",
            "application/vnd.api+json",
            "text/html; charset=utf-8",
            "IMAGE/PNG",
            "text/plain;a=\"b c\"",
        ],
        &[
            "text",
            "text/",
            "/plain",
            "foo/bar",
            "text/plain;",
            "text/pl ain",
            "text/plain; charset",
            "text/plain;=x",
        ],
    ),
    (
        "phone",
        &["+14155552671", "+442071838750", "+12345678"],
        &[
            "14155552671",
            "+0123456789",
            "+1234567",
            "+1234567890123456",
            "+1 415 555 2671",
            "+1415a552671",
        ],
    ),
    (
        "timezone",
        &[
            "Europe/Berlin",
            "UTC",
            "America/Argentina/Buenos_Aires",
            "Asia/Calcutta",
        ],
        &[
            "Europe/Bonn",
            "europe/berlin",
            "Berlin",
            "+01:00",
            "Europe/",
        ],
    ),
    (
        "iso_country_numeric",
        &["276", "840", "004"],
        &["4", "000", "999", "27", "DEU"],
    ),
    (
        "iso_subdivision",
        &["DE-BY", "US-CA", "GB-ENG", "FR-75C", "AD-02"],
        &["de-by", "DE-XX", "DEBY", "DE-", "US-XX"],
    ),
    (
        "iso_language2",
        &["ger", "deu", "eng", "sla"],
        &["GER", "xxx", "en", "qaa", "ge"],
    ),
    (
        "iso_language3",
        &["deu", "cmn", "yue", "zul"],
        &["ger", "DEU", "de", "xxx", "sla"],
    ),
    (
        "credit_card",
        &[
            "4111111111111111",
            "5555555555554444",
            "378282246310005",
            "6011111111111117",
            "3530111333300000",
            "30569309025904",
        ],
        &[
            "4111111111111112",
            "411111111111111",
            "1234567812345670",
            "0000000000000000",
            "4111 1111 1111 1111",
            "79927398713",
        ],
    ),
    (
        "aba_routing",
        &["021000021", "011401533", "122105155"],
        &[
            "021000022",
            "02100002",
            "991000021",
            "000000000",
            "02100002a",
        ],
    ),
    (
        "isin",
        &[
            "US0378331005",
            "GB0002634946",
            "DE000BAY0017",
            "XS0629974352",
        ],
        &[
            "US0378331006",
            "us0378331005",
            "ZZ0378331005",
            "US037833100",
            "US03783310055",
        ],
    ),
    (
        "lei",
        &[
            "5493001KJTIIGC8Y1R12",
            "213800WSGIIZCXF1P572",
            "529900T8BM49AURSDO55",
        ],
        &[
            "5493001KJTIIGC8Y1R13",
            "5493001KJTIIGC8Y1R1",
            "5493001kjtiigc8y1r12",
            "5493001KJTIIGC8Y1R1A",
        ],
    ),
    (
        "vat",
        &[
            "ATU13585627",
            "BE0428759497",
            "DE136695976",
            "EL094259216",
            "ESB58378431",
            "FI20774740",
            "IT00743110157",
            "NL004495445B01",
            "PL8567346215",
            "IE6433435OA",
            "GB980780684",
            "SE123456789701",
        ],
        &[
            "ATU13585626",
            "BE0431150351",
            "DE136695978",
            "EL123456781",
            "ESB64717839",
            "FI20774741",
            "IT00743110158",
            "NL123456790B90",
            "PL8567346216",
            "IE6433435E",
            "GB802311781",
            "DE",
            "XX123456789",
            "136695976",
        ],
    ),
    (
        "us_ssn",
        &["123-45-6789", "536904399", "899-99-9999"],
        &[
            "000-45-6789",
            "666-45-6789",
            "900-45-6789",
            "123-00-6789",
            "123-45-0000",
            "123-456-789",
            "12345678",
        ],
    ),
    (
        "uk_nino",
        &["AB123456C", "JG103759A", "OA123456D"],
        &[
            "QQ123456C",
            "GB123456A",
            "AO123456A",
            "AB123456E",
            "AB12345C",
            "ab123456c",
            "DA123456A",
        ],
    ),
    (
        "india_pan",
        &["ACUPA7085R", "AAAPL1234C", "AAACB5343E"],
        &[
            "ACUPA0000R",
            "ABMXA3211G",
            "ACUP7085R",
            "acupa7085r",
            "ACUPA70855",
        ],
    ),
    (
        "aadhaar",
        &["234123412346", "999941057058", "234567890124"],
        &[
            "234123412347",
            "123412341234",
            "23412341234",
            "2341 2341 2346",
            "2222 2222 2222",
        ],
    ),
    (
        "imei",
        &["490154203237518", "356938035643809", "352099001761481"],
        &[
            "490154203237519",
            "49015420323751",
            "4901542032375180",
            "49-015420-323751-8",
        ],
    ),
    (
        "imsi",
        &["429011234567890", "310170845466094", "46000123456789"],
        &[
            "029011234567890",
            "4290112345678",
            "4290112345678901",
            "42901123456789a",
        ],
    ),
    (
        "vin",
        &[
            "1HGCM82633A004352",
            "1M8GDM9AXKP042788",
            "11111111111111111",
        ],
        &[
            "1HGCM82633A004353",
            "1M8GDM9A1KP042788",
            "1HGCM82633A00435",
            "IHGCM82633A004352",
            "1hgcm82633a004352",
        ],
    ),
    (
        "vin_form",
        &[
            "WVWZZZ1JZXW000001",
            "1HGCM82633A004352",
            "WBA3A5C51CF256651",
        ],
        &[
            "WVWZZZ1JZXW00000",
            "WVWZZZ1JZXO000001",
            "wvwzzz1jzxw000001",
            "WVWZZZ1JZXW00000Q",
        ],
    ),
    (
        "orcid",
        &[
            "0000-0002-1825-0097",
            "0000-0001-5109-3700",
            "0000-0002-1694-233X",
        ],
        &[
            "0000-0002-1825-0098",
            "0000000218250097",
            "0000-0002-1694-233x",
            "0000-0001-2281-955X",
            "https://orcid.org/0000-0002-1825-0097",
        ],
    ),
    (
        "isbn10",
        &["0306406152", "080442957X", "0-306-40615-2"],
        &["0306406153", "9780306406157", "0--306406152", "X306406152"],
    ),
    (
        "isbn13",
        &["9780306406157", "978-0-306-40615-7", "9791034304301"],
        &[
            "9780306406158",
            "0306406152",
            "9770306406157",
            "978-0-306-40615-7-",
        ],
    ),
    (
        "issn",
        &["0378-5955", "2434-561X", "0317-8471"],
        &[
            "0378-5954",
            "03785955",
            "0378-595",
            "2434-561x",
            "X434-5610",
        ],
    ),
    (
        "ean13",
        &["4006381333931", "9780306406157", "5901234123457"],
        &["4006381333932", "73513537", "400638133393", "036000291452"],
    ),
    (
        "upc",
        &["036000291452", "012345678905", "614141000036"],
        &[
            "036000291453",
            "4006381333931",
            "03600029145",
            "36000291452",
        ],
    ),
    (
        "doi",
        &[
            "10.1000/182",
            "10.1038/nphys1170",
            "10.1002/0470841559.ch1",
            "10.1000.10/123456",
        ],
        &[
            "10.100/182",
            "10.1000",
            "10.1000/",
            "11.1000/182",
            "doi:10.1000/182",
            "10.1000/a b",
            "https://doi.org/10.1000/182",
            "10.1000./1",
        ],
    ),
    (
        "arxiv",
        &[
            "0706.0001",
            "1501.00001",
            "1501.00001v2",
            "hep-th/9901001",
            "math.GT/0309136v1",
        ],
        &[
            "1501.0001",
            "0706.00001",
            "1513.00001",
            "arXiv:1501.00001",
            "1501.00001v0",
            "hep-th/99010011",
            "hep-th/9913001",
            "0701.0001",
        ],
    ),
    (
        "arn",
        &[
            "arn:aws:s3:::bucket/key",
            "arn:aws:iam::123456789012:user/Bob",
            "arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-1",
        ],
        &[
            "arn:aws:s3",
            "aws:s3:::bucket",
            "arn:azure:s3:::b",
            "arn:aws:iam::12345:user/Bob",
            "arn:aws:s3:::",
            "arn:aws:S3:::b",
        ],
    ),
    (
        "iata_airport",
        &["JFK", "TXL", "XXX"],
        &["jfk", "JF", "JFKX", "J1K", "ÄÖ"],
    ),
    (
        "iata_airline",
        &["LH", "U2", "9W"],
        &["lh", "22", "L", "LHX", "L-"],
    ),
    (
        "icao_airport",
        &["EDDB", "KJFK", "ZZZZ"],
        &["eddb", "EDD", "EDDBX", "ED1B"],
    ),
    (
        "icao_airline",
        &["DLH", "EZY", "AAL"],
        &["dlh", "DL", "DLHX", "D1H"],
    ),
    (
        "latitude",
        &["0", "-90", "90.0", "+45.123456", "-0.5"],
        &["90.1", "-91", "1e1", "45.", ".5", "NaN", "45°", "45,5"],
    ),
    (
        "longitude",
        &["180", "-180.0", "+13.4", "0.0"],
        &["180.01", "-181", "inf", "1e2", "13.", "E13.4"],
    ),
    (
        "geohash",
        &["u33dc", "9q8yyk8ytpxr", "0"],
        &["u33da", "U33DC", "u33dc0000000z", "u3 3", "ail"],
    ),
    (
        "wkt_point",
        &[
            "POINT (30 10)",
            "point(1.5 -2e3)",
            "POINT Z (1 2 3)",
            "POINT ZM (1 2 3 4)",
            "POINT EMPTY",
            "POINT (1 2 3)",
        ],
        &[
            "POINT",
            "POINT (30)",
            "POINT 30 10",
            "POINTZ",
            "POINT (a b)",
            "POINT ZM (1 2 3)",
            "LINESTRING (0 0, 1 1)",
            "POINT (NaN 1)",
            "POINT (1,2)",
        ],
    ),
    (
        "geojson_point",
        &[
            "{\"type\":\"Point\",\"coordinates\":[13.4,52.5]}",
            "{\"coordinates\":[0,0,9],\"type\":\"Point\"}",
            "{\"type\":\"Point\",\"coordinates\":[180,-90],\"bbox\":[1,2,3,4]}",
        ],
        &[
            "{\"type\":\"Point\",\"coordinates\":[200,0]}",
            "{\"type\":\"Point\",\"coordinates\":[0]}",
            "{\"type\":\"LineString\",\"coordinates\":[0,0]}",
            "{\"type\":\"Point\"}",
            "[0,0]",
            "{\"type\":\"Point\",\"coordinates\":[\"0\",\"0\"]}",
            "{\"type\":\"Point\",\"coordinates\":[0,91]}",
        ],
    ),
    (
        "xml",
        &[
            "<a/>",
            "<?xml version=\"1.0\"?><a b=\"c\">&lt;&#65;<!-- x --></a>",
            "<!DOCTYPE a><a><![CDATA[<]]></a>",
        ],
        &[
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a b=c/>",
            "<a b=\"1\" b=\"2\"/>",
            "<a>&nbsp;</a>",
            "x<a/>",
            "<a>&#0;</a>",
            "</a>",
            "<a b=\"&x;\"/>",
            "<a>&</a>",
            "<a b=\"<\"/>",
        ],
    ),
    (
        "base64url",
        &["YQ", "YQ==", "-_-_", "YWJj"],
        &["Y", "YQ=", "+/+/", "====", "Y Q", "YQ==="],
    ),
    (
        "hex_color",
        &["#fff", "#FF00AA", "#ff00aa80", "#fff8"],
        &["fff", "#ff", "#fffff", "#ggg", "#", "# fff"],
    ),
    (
        "md5",
        &[
            "d41d8cd98f00b204e9800998ecf8427e",
            "D41D8CD98F00B204E9800998ECF8427E",
            "00000000000000000000000000000000",
        ],
        &[
            "d41d8cd98f00b204e9800998ecf8427",
            "d41d8cd98f00b204e9800998ecf8427g",
            "0xd41d8cd98f00b204e9800998ecf8427",
        ],
    ),
    (
        "sha1",
        &[
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "0000000000000000000000000000000000000000",
        ],
        &[
            "da39a3ee",
            "da39a3ee5e6b4b0d3255bfef95601890afd8070z",
            "00000000000000000000000000000000000000000",
        ],
    ),
    (
        "sha256",
        &[
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        ],
        &[
            "000000000000000000000000000000000000000000000000000000000000000",
            "00000000000000000000000000000000000000000000000000000000000000000",
            "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg",
        ],
    ),
    (
        "sha512",
        &[
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
        &[
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        ],
    ),
    (
        "roman",
        &["I", "MCMXCIV", "MMMCMXCIX", "XLII", "DCCCXC"],
        &["IIII", "IC", "VX", "MMMM", "mcm", "IXI", "VV", "IVI", "A"],
    ),
    ("postal_code", &[], &["10115", "SW1A 1AA"]),
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
            matches!(*name, "slug" | "base64" | "base64url"),
            "{name}"
        );
        assert_eq!(
            kind.accepts(&digits),
            matches!(*name, "slug" | "json"),
            "{name}"
        );
        let Some(good) = CASES.iter().find(|c| c.0 == *name).unwrap().1.first() else {
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
