use tangency_recurrence::{Layout, RestoreError, Saved};

fn layout() -> Layout {
    Layout::new([("hidden", vec![2, 2]), ("cell", vec![2])])
}

#[test]
fn parts_are_matched_by_name() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let mut saved = Saved::new(9, &layout(), &values).unwrap();
    saved.parts.reverse();
    let mut restored = [0.0; 6];
    assert_eq!(saved.restore(&layout(), &mut restored), Ok(9));
    assert_eq!(restored, values);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let good = Saved::new(9, &layout(), &[1.0; 6]).unwrap();
    let mut cases = vec![good.clone(); 5];
    cases[0].version = 2;
    cases[1].parts[0].name = "other".to_owned();
    cases[2].parts[1].shape = vec![1, 2];
    cases[3].parts[1].values.pop();
    cases[4].parts.push(good.parts[0].clone());
    for (k, case) in cases.iter().enumerate() {
        let mut values = [7.0; 6];
        let error = case.restore(&layout(), &mut values).unwrap_err();
        assert_eq!(values, [7.0; 6]);
        let expected = match k {
            0 => matches!(error, RestoreError::Version { expected: 1, got: 2 }),
            1 => error == RestoreError::Missing { name: "hidden".into() },
            2 | 3 => matches!(&error, RestoreError::Shape { name, .. } if name == "cell"),
            _ => matches!(error, RestoreError::Unexpected { index: 2 }),
        };
        assert!(expected, "{k}: {error}");
    }
    let twice = Layout::new([("a", vec![]), ("a", vec![])]);
    assert_eq!(Saved::new(0, &twice, &[0.0; 2]), Err(RestoreError::Duplicate { name: "a".into() }));
    assert!(Saved::new(0, &layout(), &[0.0; 5]).is_err());
    assert!(good.restore(&layout(), &mut [0.0; 7]).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn json_keeps_every_bit() {
    let values: Vec<f64> = (0..6).map(|k| (f64::from(k) + 0.1).sin() * 10_f64.powi(40 * k - 100)).collect();
    let saved = Saved::new(3, &layout(), &values).unwrap();
    let text = serde_json::to_string(&saved).unwrap();
    let back: Saved<f64> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, saved);
}
