//! What a deployment costs: the table in the guide to deploying, from the price file.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::{Context, bail};
use serde::Deserialize;
use xshell::Shell;

const PRICES: &str = "docs/prices.toml";
const PAGE: &str = "docs/DEPLOY.md";

/// Between these the page has the table.
const BEGIN: &str = "<!-- cargo xtask cost -->\n";
const END: &str = "<!-- end -->\n";

/// Messages a month, in and out together. Two make an exchange.
const MONTHS: [(&str, f64); 4] = [("idle", 0.0), ("10,000", 1e4), ("300,000", 3e5), ("10,000,000", 1e7)];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    date: toml::value::Datetime,
    region: String,
    price: Vec<Price>,
}

/// A price, and how much is used of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    #[serde(rename = "of")]
    _of: String,
    /// The row of the table that it belongs to.
    part: String,
    usd: f64,
    /// What so much costs.
    per: f64,
    /// Used in a month without messages.
    idle: f64,
    /// Used by an exchange.
    exchange: f64,
    #[serde(rename = "counted")]
    _counted: Option<String>,
    #[serde(rename = "source")]
    _source: String,
    seen: String,
}

impl Price {
    fn of_month(&self, messages: f64) -> f64 {
        self.usd / self.per * (self.idle + self.exchange * messages / 2.0)
    }

    fn is_checked(&self) -> bool {
        !self.seen.contains("not checked")
    }
}

/// Writes the table anew.
pub(crate) fn write(sh: &Shell) -> anyhow::Result<()> {
    let prices = toml::from_str(&sh.read_file(PRICES)?).context(PRICES)?;
    Ok(sh.write_file(PAGE, with_table(&sh.read_file(PAGE)?, &table(&prices))?)?)
}

fn with_table(page: &str, table: &str) -> anyhow::Result<String> {
    let found = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = found else { bail!("{PAGE} has no place for the table: {BEGIN:?} and {END:?}") };
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

fn table(prices: &Prices) -> String {
    let mut text = "| US$ a month |".to_owned();
    for (name, _) in MONTHS {
        let _ = write!(text, " {name} |");
    }
    text += "\n| --- |";
    text += &" ---: |".repeat(MONTHS.len());
    let mut parts: Vec<&str> = prices.price.iter().map(|price| price.part.as_str()).collect();
    parts.dedup();
    let mut sums: HashMap<&str, f64> = HashMap::new();
    for part in parts {
        let of_part = || prices.price.iter().filter(|price| price.part == part);
        let mark = if of_part().all(Price::is_checked) { "" } else { " *" };
        let _ = write!(text, "\n| {part}{mark} |");
        for (name, messages) in MONTHS {
            let cost = of_part().map(|price| price.of_month(messages)).sum();
            *sums.entry(name).or_default() += cost;
            let _ = write!(text, " {} |", dollars(cost));
        }
    }
    text += "\n| **All of it** |";
    for (name, _) in MONTHS {
        let _ = write!(text, " **{}** |", dollars(sums.get(name).copied().unwrap_or_default()));
    }
    let Prices { date, region, .. } = prices;
    let _ = write!(
        text,
        "\n\nPrices of {date}, {region}. * holds prices that could not be checked for that region: `docs/prices.toml` says \
         which.\n"
    );
    text
}

/// To the cent below ten dollars, else to the dollar.
fn dollars(amount: f64) -> String {
    if amount < 9.995 { format!("{amount:.2}") } else { format!("{amount:.0}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_guide_has_the_table_of_the_price_file() {
        let sh = Shell::new().unwrap();
        sh.change_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        let prices = toml::from_str(&sh.read_file(PRICES).unwrap()).unwrap();
        let page = sh.read_file(PAGE).unwrap();
        let written = with_table(&page, &table(&prices)).unwrap();
        assert!(page == written, "run `cargo xtask cost`");
    }

    #[test]
    fn a_row_is_what_its_prices_come_to() {
        let prices = r#"
            date = 2026-11-28
            region = "here"
            price = [
                { of = "a", part = "A", usd = 0.5, per = 1000, idle = 4000, exchange = 2, source = "s", seen = "there" },
                { of = "b", part = "A", usd = 1, per = 1, idle = 1, exchange = 0, source = "s", seen = "there" },
                { of = "c", part = "B", usd = 3, per = 100, idle = 0, exchange = 1, source = "s", seen = "not checked" },
            ]"#;
        let table = table(&toml::from_str(prices).unwrap());
        assert!(table.contains("\n| A | 3.00 | 8.00 | 153 | 5003 |\n"), "{table}");
        assert!(table.contains("\n| B * | 0.00 | 150 | 4500 | 150000 |\n"), "{table}");
        assert!(table.contains("\n| **All of it** | **3.00** | **158** | **4653** | **155003** |\n"), "{table}");
    }
}
