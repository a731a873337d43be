//! Polish people for the crate `fake`, which knows none: a locale for women and one for men, since surnames such as
//! Kowalski and Kowalska follow the person.

use fake::{
    Fake as _,
    faker::{
        address::raw::BuildingNumber,
        name::raw::{FirstName, LastName},
    },
    locales::Data,
};
use rand::{Rng, RngExt as _, seq::IndexedRandom as _};

/// Somebody who comes to the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) address: String,
}

/// Somebody, as chance has it.
pub(super) fn person(chance: &mut impl Rng) -> Person {
    if chance.random_bool(0.5) { of(Women, chance) } else { of(Men, chance) }
}

fn of<L: Data + Copy>(locale: L, chance: &mut impl Rng) -> Person {
    Person {
        first_name: FirstName(locale).fake_with_rng(chance),
        last_name: LastName(locale).fake_with_rng(chance),
        address: address(locale, chance),
    }
}

/// Street and number, postcode and town, as on an envelope.
fn address<L: Data + Copy>(locale: L, chance: &mut impl Rng) -> String {
    let street = STREETS.choose(chance).copied().unwrap_or_default();
    let number: String = BuildingNumber(locale).fake_with_rng(chance);
    let (postcode, town) = TOWNS.choose(chance).copied().unwrap_or_default();
    let last = chance.random_range(0..100);
    format!("ul. {street} {number}\n{postcode}{last:02} {town}")
}

#[derive(Clone, Copy)]
struct Women;

#[derive(Clone, Copy)]
struct Men;

impl Data for Women {
    const NAME_FIRST_NAME: &'static [&'static str] = &[
        "Anna",
        "Maria",
        "Katarzyna",
        "Małgorzata",
        "Agnieszka",
        "Barbara",
        "Ewa",
        "Krystyna",
        "Elżbieta",
        "Magdalena",
        "Joanna",
        "Zofia",
        "Monika",
        "Danuta",
        "Teresa",
        "Aleksandra",
        "Natalia",
        "Karolina",
        "Marta",
        "Julia",
        "Beata",
        "Jadwiga",
        "Dorota",
        "Hanna",
        "Iwona",
        "Halina",
        "Alicja",
        "Zuzanna",
        "Grażyna",
        "Oliwia",
        "Justyna",
        "Paulina",
        "Wiktoria",
        "Renata",
        "Bożena",
        "Urszula",
        "Stanisława",
        "Łucja",
    ];
    const NAME_LAST_NAME: &'static [&'static str] = &[
        "Nowak",
        "Kowalska",
        "Wiśniewska",
        "Wójcik",
        "Kowalczyk",
        "Kamińska",
        "Lewandowska",
        "Zielińska",
        "Szymańska",
        "Woźniak",
        "Dąbrowska",
        "Kozłowska",
        "Mazur",
        "Jankowska",
        "Kwiatkowska",
        "Krawczyk",
        "Wojciechowska",
        "Piotrowska",
        "Grabowska",
        "Zając",
        "Pawłowska",
        "Michalska",
        "Król",
        "Wieczorek",
        "Jabłońska",
        "Wróbel",
        "Nowakowska",
        "Majewska",
        "Olszewska",
        "Stępień",
        "Dudek",
        "Jaworska",
        "Malinowska",
        "Pawlak",
        "Górska",
        "Witkowska",
        "Sikora",
        "Rutkowska",
        "Baran",
        "Żak",
    ];
    const ADDRESS_BUILDING_NUMBER_FORMATS: &'static [&'static str] = NUMBERS;
}

impl Data for Men {
    const NAME_FIRST_NAME: &'static [&'static str] = &[
        "Piotr",
        "Krzysztof",
        "Andrzej",
        "Tomasz",
        "Jan",
        "Paweł",
        "Michał",
        "Marcin",
        "Stanisław",
        "Jakub",
        "Adam",
        "Marek",
        "Łukasz",
        "Grzegorz",
        "Mateusz",
        "Wojciech",
        "Mariusz",
        "Dariusz",
        "Maciej",
        "Zbigniew",
        "Jerzy",
        "Kamil",
        "Rafał",
        "Robert",
        "Kacper",
        "Szymon",
        "Józef",
        "Jacek",
        "Ryszard",
        "Filip",
        "Tadeusz",
        "Dawid",
        "Sławomir",
        "Bartosz",
        "Kazimierz",
        "Antoni",
        "Mikołaj",
        "Żelisław",
    ];
    const NAME_LAST_NAME: &'static [&'static str] = &[
        "Nowak",
        "Kowalski",
        "Wiśniewski",
        "Wójcik",
        "Kowalczyk",
        "Kamiński",
        "Lewandowski",
        "Zieliński",
        "Szymański",
        "Woźniak",
        "Dąbrowski",
        "Kozłowski",
        "Mazur",
        "Jankowski",
        "Kwiatkowski",
        "Krawczyk",
        "Wojciechowski",
        "Piotrowski",
        "Grabowski",
        "Zając",
        "Pawłowski",
        "Michalski",
        "Król",
        "Wieczorek",
        "Jabłoński",
        "Wróbel",
        "Nowakowski",
        "Majewski",
        "Olszewski",
        "Stępień",
        "Dudek",
        "Jaworski",
        "Malinowski",
        "Pawlak",
        "Górski",
        "Witkowski",
        "Sikora",
        "Rutkowski",
        "Baran",
        "Żak",
    ];
    const ADDRESS_BUILDING_NUMBER_FORMATS: &'static [&'static str] = NUMBERS;
}

/// With and without a flat; `^` is a digit from 1, `#` any.
const NUMBERS: &[&str] = &["^", "^#", "^#", "^##", "^#/^", "^#/^#", "^/^#", "^a", "^#b"];

/// In the genitive where the name asks for it, as on street signs.
const STREETS: &[&str] = &[
    "Polna",
    "Leśna",
    "Słoneczna",
    "Krótka",
    "Szkolna",
    "Ogrodowa",
    "Lipowa",
    "Brzozowa",
    "Łąkowa",
    "Kwiatowa",
    "Sosnowa",
    "Kościelna",
    "Akacjowa",
    "Parkowa",
    "Zielona",
    "Kolejowa",
    "Sportowa",
    "Dębowa",
    "Kościuszki",
    "Mickiewicza",
    "Słowackiego",
    "Sienkiewicza",
    "Kopernika",
    "Reja",
    "Piłsudskiego",
    "Żeromskiego",
    "Konopnickiej",
    "Długa",
    "Młyńska",
    "Źródlana",
];

/// Towns with the beginning of their postcodes.
const TOWNS: &[(&str, &str)] = &[
    ("00-9", "Warszawa"),
    ("31-0", "Kraków"),
    ("90-4", "Łódź"),
    ("50-1", "Wrocław"),
    ("61-7", "Poznań"),
    ("80-8", "Gdańsk"),
    ("70-4", "Szczecin"),
    ("85-0", "Bydgoszcz"),
    ("20-0", "Lublin"),
    ("15-0", "Białystok"),
    ("40-0", "Katowice"),
    ("81-3", "Gdynia"),
    ("42-2", "Częstochowa"),
    ("26-6", "Radom"),
    ("87-1", "Toruń"),
    ("35-0", "Rzeszów"),
    ("25-0", "Kielce"),
    ("10-0", "Olsztyn"),
    ("44-1", "Gliwice"),
    ("58-5", "Jelenia Góra"),
    ("65-0", "Zielona Góra"),
    ("45-0", "Opole"),
    ("33-1", "Tarnów"),
    ("75-0", "Koszalin"),
];
