//! The thirteen products of the demonstration.

/// One product of the demonstration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Good {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) product_type: &'static str,
    pub(super) price: &'static str,
    /// How it is sold.
    pub(super) sold: Sold,
}

/// How a product is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sold {
    ByPiece,
    ByWeight,
}

const fn good(
    id: &'static str,
    name: &'static str,
    product_type: &'static str,
    price: &'static str,
    sold: Sold,
) -> Good {
    Good { id, name, product_type, price, sold }
}

/// All of them, in the order in which they are priced.
pub(super) const GOODS: [Good; 13] = [
    good("mleko_1", "Mleko 2%", "mleko", "3.49", Sold::ByPiece),
    good("mleko_2", "Mleko 3,2%", "mleko", "3.79", Sold::ByPiece),
    good("mleko_3", "Mleko kozie", "mleko", "8.99", Sold::ByPiece),
    good("cukier_1", "Cukier biały", "cukier", "4.29", Sold::ByWeight),
    good("cukier_2", "Cukier trzcinowy", "cukier", "9.90", Sold::ByWeight),
    good("czekolada_1", "Czekolada mleczna", "czekolada", "5.49", Sold::ByPiece),
    good("czekolada_2", "Czekolada gorzka", "czekolada", "6.29", Sold::ByPiece),
    good("czekolada_3", "Czekolada z orzechami", "czekolada", "7.19", Sold::ByPiece),
    good("chleb_1", "Chleb żytni", "chleb", "6.50", Sold::ByPiece),
    good("chleb_2", "Chleb wiejski", "chleb", "5.90", Sold::ByPiece),
    good("chleb_3", "Chleb razowy", "chleb", "7.20", Sold::ByPiece),
    good("maslo_1", "Masło ekstra", "masło", "7.99", Sold::ByPiece),
    good("maslo_2", "Masło wiejskie", "masło", "39.90", Sold::ByWeight),
];
