//! From what the policy withholds to what the installation leaves out.

use modelpin_policy::Admission;
use modelpin_store::install::Exclusions;

/// The files that stay out of the target, and those that are installed in the quarantine only.
pub(crate) fn exclusions(admission: &Admission) -> Exclusions {
    let mut exclusions = Exclusions::default();
    for (name, withheld) in &admission.withheld {
        let denied = withheld.uncertified.iter().chain(&withheld.refused).chain(&withheld.replaced);
        exclusions.denied.insert(name.clone(), denied.cloned().collect());
        exclusions.quarantined.insert(name.clone(), withheld.quarantined.clone());
    }
    exclusions
}
