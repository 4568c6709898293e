//! The cases of a file of exact answers: what each is about, and what must come out.

use serde_json::{Map, Value};
use std::io::Read;

/// Why a file, a case or a row cannot be held against a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file cannot be read.
    #[error("{0}")]
    File(String),
    /// No family has this case's letters.
    #[error("{case}: no family `{family}` is known (model `{model}`)")]
    Family {
        /// The case.
        case: String,
        /// The letters before its number.
        family: String,
        /// Its model column.
        model: String,
    },
    /// The family does not know a metric.
    #[error("{case}: no metric `{metric}` is known in family {family}")]
    Metric {
        /// The case.
        case: String,
        /// The metric.
        metric: String,
        /// The family.
        family: String,
    },
    /// A parameter is missing or unreadable.
    #[error("{case}: {what}")]
    Parameter {
        /// The case.
        case: String,
        /// What is wrong.
        what: String,
    },
}

/// One expected figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name.
    pub metric: String,
    /// The exact answer.
    pub value: f64,
}

/// One model with all its expected figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name, such as `EA1` or `TV1-marked`.
    pub id: String,
    /// The model in words.
    pub model: String,
    /// Arrivals per hour, where they do not vary.
    pub arrivals_per_hour: Option<f64>,
    /// Mean handling time in seconds, where it does not vary.
    pub aht_s: Option<f64>,
    /// Agents, in all.
    pub agents: Option<u32>,
    /// Mean patience in seconds, where callers have one and it does not vary.
    pub patience_s: Option<f64>,
    /// Calls that fit into the system.
    pub capacity: Option<u32>,
    /// Everything else.
    pub extra: Map<String, Value>,
    /// The expected figures.
    pub rows: Vec<Row>,
}

const COLUMNS: [&str; 10] = [
    "case_id",
    "model",
    "lambda_per_hour",
    "aht_s",
    "servers",
    "patience_mean_s",
    "queue_capacity",
    "extra_json",
    "metric",
    "value",
];

/// Reads every case of a file, rows of one case together, in the order of their first rows.
///
/// # Errors
/// Every unreadable line, by its number.
pub fn read_cases(input: impl Read) -> Result<Vec<Case>, Vec<Fault>> {
    let mut reader = csv::Reader::from_reader(input);
    let header = reader.headers().map_err(|error| vec![Fault::File(error.to_string())])?;
    if header.iter().ne(COLUMNS) {
        let expected = COLUMNS.join(",");
        return Err(vec![Fault::File(format!("expected the header `{expected}`"))]);
    }
    let (mut cases, mut faults) = (Vec::<Case>::new(), Vec::new());
    for record in reader.records() {
        let read = record.map_err(|error| Fault::File(error.to_string()));
        match read.and_then(|record| read_record(&record)) {
            Ok((case, row)) => match cases.iter_mut().find(|known| known.id == case.id) {
                Some(known) => known.rows.push(row),
                None => cases.push(Case { rows: vec![row], ..case }),
            },
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(cases) } else { Err(faults) }
}

fn read_record(record: &csv::StringRecord) -> Result<(Case, Row), Fault> {
    let id = record[0].to_owned();
    let number = |column: usize| optional_number(&id, COLUMNS[column], &record[column]);
    let whole = |column: usize| Ok(number(column)?.map(|value| value as u32));
    let extra = match record[7].trim() {
        "" => Map::new(),
        text => serde_json::from_str(text)
            .map_err(|error| parameter(&id, format!("extra_json: {error}")))?,
    };
    let value = number(9)?.ok_or_else(|| parameter(&id, "a row without a value".to_owned()))?;
    let row = Row { metric: record[8].to_owned(), value };
    let case = Case {
        model: record[1].to_owned(),
        arrivals_per_hour: number(2)?,
        aht_s: number(3)?,
        agents: whole(4)?,
        patience_s: number(5)?,
        capacity: whole(6)?,
        extra,
        rows: Vec::new(),
        id,
    };
    Ok((case, row))
}

fn optional_number(id: &str, column: &str, text: &str) -> Result<Option<f64>, Fault> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            Ok(_) | Err(_) => Err(parameter(id, format!("{column}: `{text}` is no number"))),
        },
    }
}

fn parameter(id: &str, what: String) -> Fault {
    Fault::Parameter { case: id.to_owned(), what }
}

/// Tells whether a row is about an approximation or the computation itself, not about the centre.
#[must_use]
pub fn is_excluded(metric: &str) -> bool {
    metric.starts_with("fluid_")
        || metric.starts_with("naive_poisson_")
        || metric == "truncation_mass"
        || metric == "mean_offered_wait_s"
}

impl Case {
    /// Returns the letters by which the case's family is known: `PK` of `PK-D1`.
    #[must_use]
    pub fn family(&self) -> &str {
        let end = self.id.bytes().take_while(u8::is_ascii_alphabetic).count();
        &self.id[..end]
    }

    /// Makes the fault that something about this case cannot be read.
    #[must_use]
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        parameter(&self.id, what.into())
    }

    /// Returns arrivals per hour.
    ///
    /// # Errors
    /// The column is empty.
    pub fn arrivals(&self) -> Result<f64, Fault> {
        self.arrivals_per_hour.ok_or_else(|| self.fault("lambda_per_hour is empty"))
    }

    /// Returns the mean handling time in seconds.
    ///
    /// # Errors
    /// The column is empty.
    pub fn aht(&self) -> Result<f64, Fault> {
        self.aht_s.ok_or_else(|| self.fault("aht_s is empty"))
    }

    /// Returns the number of agents.
    ///
    /// # Errors
    /// The column is empty.
    pub fn servers(&self) -> Result<u32, Fault> {
        self.agents.ok_or_else(|| self.fault("servers is empty"))
    }

    /// Returns the mean patience in seconds.
    ///
    /// # Errors
    /// The column is empty.
    pub fn patience(&self) -> Result<f64, Fault> {
        self.patience_s.ok_or_else(|| self.fault("patience_mean_s is empty"))
    }

    /// Returns how many calls fit into the system.
    ///
    /// # Errors
    /// The column is empty, or smaller than the number of agents.
    pub fn places(&self) -> Result<u32, Fault> {
        self.capacity.ok_or_else(|| self.fault("queue_capacity is empty"))
    }

    /// Returns a number of `extra_json`, if it is there.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<f64> {
        self.extra.get(key).and_then(Value::as_f64)
    }

    /// Returns a number of `extra_json`.
    ///
    /// # Errors
    /// It is missing or no number.
    pub fn number(&self, key: &str) -> Result<f64, Fault> {
        self.optional(key).ok_or_else(|| self.fault(format!("extra_json has no number `{key}`")))
    }

    /// Returns a whole number of `extra_json`.
    ///
    /// # Errors
    /// It is missing or no whole number.
    pub fn whole(&self, key: &str) -> Result<u32, Fault> {
        let value = self.extra.get(key).and_then(Value::as_u64);
        let value = value.and_then(|value| u32::try_from(value).ok());
        value.ok_or_else(|| self.fault(format!("extra_json has no whole number `{key}`")))
    }

    /// Returns a list of numbers of `extra_json`.
    ///
    /// # Errors
    /// It is missing, empty or no such list.
    pub fn numbers(&self, key: &str) -> Result<Vec<f64>, Fault> {
        let list = self.extra.get(key).and_then(Value::as_array);
        let numbers: Option<Vec<f64>> =
            list.and_then(|list| list.iter().map(Value::as_f64).collect());
        numbers
            .filter(|numbers| !numbers.is_empty())
            .ok_or_else(|| self.fault(format!("extra_json has no list of numbers `{key}`")))
    }

    /// Returns a text of `extra_json`, if it is there.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.extra.get(key).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "case_id,model,lambda_per_hour,aht_s,servers,patience_mean_s,\
                          queue_capacity,extra_json,metric,value\n";

    #[test]
    fn rows_of_one_case_come_together() {
        let text = format!(
            "{HEADER}EA1,M/M/n+M,200,180,10,120,,\"{{\"\"T\"\": 20}}\",p_wait,0.5\n\
             EB1,M/M/n/n,60,60,1,,1,,p_block,0.5\n\
             EA1,M/M/n+M,200,180,10,120,,\"{{\"\"T\"\": 20}}\",p_abandon,0.1\n"
        );
        let cases = read_cases(text.as_bytes()).expect("a valid file");
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].rows.len(), 2);
        assert_eq!(cases[0].optional("T"), Some(20.0));
        assert_eq!(cases[1].capacity, Some(1));
    }

    #[test]
    fn unreadable_lines_are_all_named() {
        let text = format!("{HEADER}EA1,m,two,180,10,,,,p,0.5\nEA2,m,2,180,10,,,{{,p,0.5\n");
        let faults = read_cases(text.as_bytes()).expect_err("two faults");
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn family_is_the_letters_before_number_or_dash() {
        let case = |id: &str| Case {
            id: id.to_owned(),
            model: String::new(),
            arrivals_per_hour: None,
            aht_s: None,
            agents: None,
            patience_s: None,
            capacity: None,
            extra: Map::new(),
            rows: Vec::new(),
        };
        assert_eq!(case("EA10").family(), "EA");
        assert_eq!(case("PK-D1").family(), "PK");
        assert_eq!(case("SSJ-CC400").family(), "SSJ");
    }
}
