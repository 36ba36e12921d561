//! Columns that look personal by their name. A guess on the safe side: what is marked wrongly costs a look, what is
//! missed shows a person's data in a report.

/// Words that mean personal data wherever they stand in a column's name.
const WORDS: &[&str] = &[
    "email",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "ssn",
    "iban",
    "passport",
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "surname",
    "forename",
    "firstname",
    "lastname",
    "fullname",
    "username",
    "nickname",
    "address",
    "street",
    "ip",
    "password",
];

/// Words that make a `name` a person's: `first_name`, `customerName`.
const OF_PERSONS: &[&str] = &[
    "first",
    "last",
    "full",
    "given",
    "family",
    "middle",
    "maiden",
    "sur",
    "nick",
    "user",
    "display",
    "customer",
    "client",
    "patient",
    "employee",
    "contact",
    "person",
    "member",
    "author",
    "owner",
    "driver",
    "passenger",
    "holder",
    "student",
    "guest",
    "recipient",
    "sender",
];

/// Whether a column's name says that its values are about persons.
///
/// A bare `name` counts: it is more often a person's than not.
#[must_use]
pub(super) fn by_name(column: &str) -> bool {
    let words = words(column);
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let named = words.iter().any(|w| w == "name" || w == "names")
        && (words.len() == 1 || words.iter().any(|w| is(w, OF_PERSONS)));
    named || words.iter().any(|w| is(w, WORDS))
}

/// `customerEmail_2` is `customer`, `email`, `2`.
fn words(column: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in column.chars() {
        let starts = c.is_uppercase() && before.is_lowercase();
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::by_name;

    #[test]
    fn names_of_persons_are_found_and_others_left() {
        for name in [
            "email",
            "E-Mail",
            "customer.email",
            "customerEmail",
            "name",
            "first_name",
            "LastName",
            "SSN",
            "client_ip",
            "home_address",
            "user name",
            "phone2_phone",
        ] {
            assert!(by_name(name), "{name}");
        }
        for name in [
            "file_name",
            "airline_name",
            "carrier",
            "origin",
            "trip",
            "ship_date",
            "mailing",
            "tailnum",
            "hostname",
            "",
        ] {
            assert!(!by_name(name), "{name}");
        }
    }
}
