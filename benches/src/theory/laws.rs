//! The laws a case names in `extra_json`: `"service": "erlang", "k": 3`.

use super::case::{Case, Fault};
use super::words;
use chance::Law;

/// Returns the law of a case's handling times: exponential where `service` is absent.
///
/// # Errors
/// The law or one of its parameters is unknown.
pub fn service(case: &Case) -> Result<Law, Fault> {
    match case.text("service") {
        None => Ok(Law::Exponential { mean: case.aht()? }),
        Some(text) => law(case, text, case.aht_s),
    }
}

/// Returns the share of balkers and the law of the patience of the others.
///
/// Without a column and without a law callers wait for ever.
///
/// # Errors
/// The law or one of its parameters is unknown.
pub fn patience(case: &Case) -> Result<(f64, Law), Fault> {
    let text = case.text("patience");
    if let Some(read) = text.and_then(words::balking) {
        return Ok(read);
    }
    let balk = case.optional("p_balk").unwrap_or(0.0);
    let mean = case.patience_s.or(case.optional("exp_mean"));
    let law = match (text, mean) {
        (Some(text), _) => law(case, text, mean)?,
        (None, Some(mean)) => Law::Exponential { mean },
        (None, None) => Law::Unlimited,
    };
    Ok((balk, law))
}

/// Returns the law of this name with the parameters the case gives beside it.
///
/// # Errors
/// The name is unknown, or a parameter is missing.
pub fn law(case: &Case, name: &str, mean: Option<f64>) -> Result<Law, Fault> {
    if let Some(law) = words::exponentials(name).into_iter().next() {
        return Ok(law);
    }
    let word: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    let mean = mean.ok_or_else(|| case.fault(format!("the law `{name}` has no mean")));
    match word.to_ascii_lowercase().as_str() {
        "deterministic" | "det" | "constant" | "d" | "fixed" => Ok(Law::Constant(mean?)),
        "exponential" | "exp" | "m" => Ok(Law::Exponential { mean: mean? }),
        "lognormal" => Ok(Law::Lognormal { mean: mean?, cv: variation(case)? }),
        "weibull" => Ok(Law::Weibull { mean: mean?, shape: case.number("shape")? }),
        "gamma" => Ok(Law::Gamma { mean: mean?, shape: gamma_shape(case)? }),
        "erlang" => Ok(Law::Gamma { mean: mean?, shape: case.number("k")? }),
        "hyperexp" | "hyperexponential" | "h2" => hyperexponential(case),
        "uniform" => uniform(case, mean),
        _ => Err(case.fault(format!("no law `{name}` is known"))),
    }
}

/// The coefficient of variation, or the standard deviation over the mean.
fn variation(case: &Case) -> Result<f64, Fault> {
    if let Some(sigma) = case.optional("log_sigma").or(case.optional("sigma")) {
        return Ok(libm::sqrt(libm::expm1(sigma * sigma)));
    }
    match (case.optional("cv"), case.optional("sd"), case.patience_s.or(case.aht_s)) {
        (Some(cv), _, _) => Ok(cv),
        (None, Some(sd), Some(mean)) => Ok(sd / mean),
        (None, _, _) => Err(case.fault("the law needs `cv`, `sd` or `log_sigma`")),
    }
}

fn gamma_shape(case: &Case) -> Result<f64, Fault> {
    match (case.optional("shape").or(case.optional("k")), case.optional("cv")) {
        (Some(shape), _) => Ok(shape),
        (None, Some(cv)) => Ok(1.0 / (cv * cv)),
        (None, None) => Err(case.fault("a gamma law needs `shape` or `cv`")),
    }
}

/// `p` of mean `m1`, else `m2`; or lists of probabilities and means.
fn hyperexponential(case: &Case) -> Result<Law, Fault> {
    let phases = if case.extra.contains_key("m1") {
        let share = case.number("p")?;
        vec![(share, case.number("m1")?), (1.0 - share, case.number("m2")?)]
    } else {
        case.numbers("p")?.into_iter().zip(case.numbers("means")?).collect()
    };
    Ok(Law::Hyperexponential { phases })
}

fn uniform(case: &Case, mean: Result<f64, Fault>) -> Result<Law, Fault> {
    let either = |keys: [&str; 3]| keys.into_iter().find_map(|key| case.optional(key));
    match (either(["a", "min", "low"]), either(["b", "max", "high"])) {
        (Some(min), Some(max)) => Ok(Law::Uniform { min, max }),
        (min, max) if min.is_none() && max.is_none() => {
            Ok(Law::Uniform { min: 0.0, max: 2.0 * mean? })
        }
        (_, _) => Err(case.fault("a uniform law needs both of its ends")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::read_cases;
    use super::*;

    fn case_with(patience: &str, extra: &str) -> Case {
        let text = format!(
            "case_id,model,lambda_per_hour,aht_s,servers,patience_mean_s,queue_capacity,\
             extra_json,metric,value\nEG1,M/M/n+G,200,180,9,{patience},,\"{}\",p_wait,0.5\n",
            extra.replace('"', "\"\"")
        );
        read_cases(text.as_bytes()).expect("a valid row").remove(0)
    }

    #[test]
    fn every_law_of_the_file_is_read() {
        let read = |extra: &str| patience(&case_with("120", extra)).expect("a law").1;
        assert_eq!(read("{}"), Law::Exponential { mean: 120.0 });
        assert_eq!(read(r#"{"patience": "deterministic"}"#), Law::Constant(120.0));
        assert_eq!(
            read(r#"{"patience": "lognormal", "cv": 1.5}"#),
            Law::Lognormal { mean: 120.0, cv: 1.5 }
        );
        assert_eq!(
            read(r#"{"patience": "weibull", "shape": 0.7}"#),
            Law::Weibull { mean: 120.0, shape: 0.7 }
        );
        assert_eq!(
            read(r#"{"patience": "hyperexp", "p": 0.4, "m1": 30, "m2": 180}"#),
            Law::Hyperexponential { phases: vec![(0.4, 30.0), (0.6, 180.0)] }
        );
        assert_eq!(
            read(r#"{"patience": "erlang", "k": 2}"#),
            Law::Gamma { mean: 120.0, shape: 2.0 }
        );
    }

    #[test]
    fn an_unknown_law_is_a_fault_with_its_name() {
        let fault = patience(&case_with("120", r#"{"patience": "cauchy"}"#));
        assert!(fault.expect_err("unknown").to_string().contains("cauchy"));
    }

    #[test]
    fn balkers_are_told_apart_from_the_patient() {
        let extra = r#"{"patience": "mass p=0.1 at 0 (balk only if must wait) else Exp(1000 s)"}"#;
        let read = patience(&case_with("", extra)).expect("a law");
        assert_eq!(read, (0.1, Law::Exponential { mean: 1000.0 }));
    }
}
