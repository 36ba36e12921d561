//! Profiles of files, kept by their content.

use super::{Store, key};
use crate::engine::embedded::profile::{Wanted, profile};
use crate::engine::embedded::source::Dataset;
use crate::error::Result;
use crate::measure::{Profile, Wants, saved};

const KIND: &str = "profile";

impl Store {
    /// The profile of a dataset; files whose content was profiled before are not read.
    ///
    /// Only whole profiles are kept. `read` hears of the rows of kept files too.
    /// Errors: as for [`profile`], and [`crate::error::Error::Io`] when a profile cannot be kept.
    pub fn profile(
        &self,
        dataset: &Dataset,
        wanted: &[Wanted],
        read: &(dyn Fn(u64) + Sync),
    ) -> Result<Profile> {
        let whole = wanted.iter().all(|(_, wants)| *wants == Wants::ALL);
        let (Some(parts), true) = (dataset.parts(), whole) else {
            return profile(dataset, wanted, read);
        };
        let Some(contents) = self.contents(dataset)? else {
            return profile(dataset, wanted, read);
        };
        let columns: Vec<String> = wanted
            .iter()
            .map(|(f, _)| {
                format!(
                    "{} {} {:?}",
                    f.name,
                    f.dtype,
                    dataset.canonical_type(&f.name)
                )
            })
            .collect();
        let columns = columns.join("\n");
        let one = |(part, content): (Dataset, String)| {
            let name = key(&[
                &content,
                saved::PROFILE_SCHEMA_VERSION,
                &columns,
                &part.reading(),
            ]);
            let kept = self.get(KIND, &name);
            if let Some(kept) = kept.and_then(|text| saved::from_json(&text).ok()) {
                read(kept.rows);
                return Ok((String::new(), kept));
            }
            let made = profile(&part, wanted, read)?;
            let text = saved::to_json(&made).expect("every part is wanted");
            self.put(KIND, &name, &text)?;
            Ok((part.files()[0].path.clone(), made))
        };
        let all = Profile::union(parts.into_iter().zip(contents).map(one))?;
        Ok(all.unwrap_or_default())
    }
}
