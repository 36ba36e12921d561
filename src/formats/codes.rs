//! Code lists of ISO, as one text each: codes sorted, with one blank or line break after each but perhaps the last.

use std::cmp::Ordering;

/// Whether `text` is one of the codes, all `width` bytes long.
pub(super) fn listed(list: &str, width: usize, text: &str) -> bool {
    if text.len() != width {
        return false;
    }
    let list = list.as_bytes();
    let (mut low, mut high) = (0, list.len().div_ceil(width + 1));
    while low < high {
        let middle = low.midpoint(high);
        let at = middle * (width + 1);
        match list[at..at + width].cmp(text.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    false
}

/// ISO 3166-2: the code of a country's subdivision, such as `DE-BY`.
pub(super) fn subdivision(text: &str) -> bool {
    static CODES: std::sync::LazyLock<Vec<&str>> =
        std::sync::LazyLock::new(|| SUBDIVISION.lines().collect());
    CODES.binary_search(&text).is_ok()
}

/// So many upper-case ASCII letters.
pub(super) fn upper(text: &str, letters: usize) -> bool {
    text.len() == letters && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// IATA Resolution 762: two upper-case letters or digits, at least one of them a letter.
pub(super) fn iata_airline(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 2
        && b.iter()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && b.iter().any(u8::is_ascii_uppercase)
}

/// ISO 3166-2, from the subdivision containment of Unicode CLDR 48 (Unicode License v3), without codes that were
/// withdrawn.
const SUBDIVISION: &str = include_str!("data/iso_3166_2.txt");

/// ISO 3166-1 numeric, the 249 assigned codes.
pub(super) const COUNTRY_NUMERIC: &str = include_str!("data/iso_3166_numeric.txt");

/// ISO 639-2: 486 languages and groups, twenty of them with two codes; without the reserved `qaa` to `qtz`.
pub(super) const LANGUAGE2: &str = include_str!("data/iso_639_2.txt");

/// ISO 639-3 (SIL International, table of 2023).
pub(super) const LANGUAGE3: &str = include_str!("data/iso_639_3.txt");

/// ISO 3166-1 alpha-2, the 249 assigned codes.
pub(super) const COUNTRY: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// ISO 3166-1 alpha-3, the 249 assigned codes.
pub(super) const COUNTRY3: &str = "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE";

/// ISO 4217 active codes, January 2026: without ANG, BGN, CUC, HRK, SLL, ZWL; with SLE, XAD, XCG, ZWG.
pub(super) const CURRENCY: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG";

/// ISO 639-1, the 183 codes.
pub(super) const LANGUAGE: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

#[cfg(test)]
mod tests {
    use super::{
        COUNTRY, COUNTRY_NUMERIC, COUNTRY3, CURRENCY, LANGUAGE, LANGUAGE2, LANGUAGE3, SUBDIVISION,
        listed,
    };

    #[test]
    fn lists_are_sorted_and_complete() {
        for (list, width, len) in [
            (COUNTRY, 2, 249),
            (COUNTRY3, 3, 249),
            (COUNTRY_NUMERIC, 3, 249),
            (LANGUAGE, 2, 183),
            (LANGUAGE2, 3, 506),
            (LANGUAGE3, 3, 7867),
            (CURRENCY, 3, 178),
        ] {
            let codes: Vec<&str> = list.split_ascii_whitespace().collect();
            assert!(
                codes
                    .iter()
                    .all(|c| c.len() == width && listed(list, width, c))
            );
            assert!(codes.windows(2).all(|w| w[0] < w[1]));
            assert_eq!(codes.len(), len);
        }
    }

    #[test]
    fn subdivisions_are_sorted_and_of_known_countries() {
        let codes: Vec<&str> = SUBDIVISION.lines().collect();
        assert!(codes.windows(2).all(|w| w[0] < w[1]));
        assert!(
            codes
                .iter()
                .all(|c| listed(COUNTRY, 2, &c[..2]) && &c[2..3] == "-")
        );
        assert_eq!(codes.len(), 5046);
    }
}
