//! The ids of all findings. The catalogue says what each means; a test compares the two.

use std::fmt;

macro_rules! ids {
    ($($id:ident)*) => {
        /// The stable id of a kind of finding: `T1`, `K1`, `D6`, … [`super::catalog`] says what
        /// each means.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id {
            $($id,)*
        }

        impl Id {
            /// All ids, by letter and number.
            pub const ALL: &[Id] = &[$(Id::$id,)*];

            /// The id as it is printed and as the report has it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Id::$id => stringify!($id),)*
                }
            }
        }
    };
}

ids! {
    B2 B3
    D3 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19
    F1 F3 F4 F5 F9 F10 F11 F12 F13 F14 F15 F17 F18
    J1 J2 J3 J4 J5 J6 J7 J8 J9 J10 J11
    K1 K1b K5 K8 K10 K11 K13 K14 K15 K16 K17
    O1 O2 O3 O4 O6 O8 O9 O10 O11 O15 O19 O20
    P2 P3 P4 P5 P6 P7 P9 P10 P11 P12 P13 P14 P15 P16 P17 P19 P23
    Q7 Q13 Q14 Q15 Q16
    R1 R2
    S1 S2 S3 S4 S5 S6 S7 S9 S11 S12 S13 S14 S15 S16 S17 S20 S21
    T1 T2 T4 T5 T6 T7 T8 T9 T10 T11 T13 T14 T15 T16
}

impl Id {
    /// Whether it says what a repair did.
    pub fn is_of_repairs(self) -> bool {
        matches!(self, Id::R1 | Id::R2)
    }

    /// Whether a value refused under it is none that its type could ever have: on no calendar, or
    /// infinite.
    pub fn is_of_impossible_values(self) -> bool {
        matches!(self, Id::D10 | Id::D13 | Id::S9)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
