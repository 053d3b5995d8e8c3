//! demo
use crate::work::*; use crate::figure::*; use crate::row::*;
pub(crate) mod fit { use super::*; use crate::reading::TwoSpecies; pub(crate) const LEAST_ROWS: usize = 4; pub(crate) const NAME: &str = "fit";
 pub(crate) fn work(_: TwoSpecies) -> Work { Work { name: NAME, title: "fit".into(), story: String::new(), run: Box::new(|_| Ok(Report::default())) } } }
pub(crate) fn all() -> Vec<Work> { vec![Work { name: "demo", title: "Two species, one table".into(),
 story: "Two species compete for the same food. Their numbers obey\n\n$$\\dot x_1 = r_1 x_1 \\left(1 - \\frac{x_1}{N_1}\\right) - a_1 x_1 x_2, \\qquad \\dot x_2 = r_2 x_2 \\left(1 - \\frac{x_2}{N_2}\\right) - a_2 x_1 x_2$$\n\nEuler's step $x(t+h) = x(t) + h f(x(t))$ makes a recurrence of it, so a forward pass _solves_ the equation and a backward pass infers $r_1$, $a_2$ and $1/N_1$.".into(),
 run: Box::new(|p| {
  let mut r = Report::default();
  let (mut x, mut y) = (100.0f64, 150.0f64); let mut a = vec![[0.0, x]]; let mut b = vec![[0.0, y]];
  let mut ph = vec![[x,y]];
  for n in 0..420 { let dx = 0.1*x*(1.0-0.002*x)-1e-4*x*y; let dy = 0.3*y*(1.0-0.003*y)-2e-4*x*y; x += 0.1*dx; y += 0.1*dy; let t = 0.1*(n+1) as f64; a.push([t,x]); b.push([t,y]); ph.push([x,y]); p(n as f64/420.0); }
  let data = [[0.,100.,150.],[10.,165.,283.],[15.,197.,290.],[30.,280.,276.],[36.,305.,269.],[40.,318.,266.],[42.,324.,264.]];
  r.figures.push(Figure::new("Competing species", "Euler's steps of $h = 0.1$ with the seven observations of the article, rounded to integers.", Width::Full, Axis::linear("time"), Axis::linear("population").unit("animals"))
   .named("species 1", Mark::Line(a.clone(), Stroke::Solid), Colour::First).named("species 2", Mark::Line(b.clone(), Stroke::Solid), Colour::Second)
   .named("exact flow", Mark::Line(b.iter().map(|&[t,v]|[t,v-3.0]).collect(), Stroke::Dashed), Colour::Ink)
   .named("observations 1", Mark::Points(data.iter().map(|d|[d[0],d[1]]).collect(), Shape::Disc), Colour::First)
   .named("observations 2", Mark::Points(data.iter().map(|d|[d[0],d[2]]).collect(), Shape::Square), Colour::Second));
  r.figures.push(Figure::new("Loss", "By evaluation", Width::Half, Axis::log("evaluations"), Axis::log("mean squared error")).named("Levenberg-Marquardt", Mark::Line((1..20).map(|n| [n as f64, 100.0*(-2.0*n as f64).exp()]).collect(), Stroke::Solid), Colour::First)
   .named("Adam", Mark::Line((1..3000).map(|n| [n as f64, 100.0/(n as f64)]).collect(), Stroke::Solid), Colour::Second).named("optimum", Mark::Rule(0.045, Direction::Horizontal), Colour::Ink));
  r.figures.push(Figure::new("Estimates", "Ratio to the truth", Width::Half, Axis::linear("estimate / truth"), Axis::categories(["r₁","r₂","a₁","a₂","1/N₁","1/N₂"])).draw(Mark::Rule(1.0, Direction::Vertical), Colour::Ink)
   .named("± 1 standard error", Mark::Whiskers((0..6).map(|n|[0.95+0.02*n as f64, n as f64]).collect(), vec![0.04;6], Direction::Horizontal), Colour::First).named("estimate", Mark::Points((0..6).map(|n|[0.95+0.02*n as f64, n as f64]).collect(), Shape::Disc), Colour::First));
  r.figures.push(Figure::new("Phase portrait", "Direction", Width::Half, Axis::linear("hare").unit("thousand pelts"), Axis::linear("lynx").unit("thousand pelts")).named("orbit", Mark::Line(ph.clone(), Stroke::Solid), Colour::Third).draw(Mark::Arrows(vec![[ph[50],ph[51]],[ph[150],ph[151]]]), Colour::Third).draw(Mark::Words(vec![(ph[100],"1904".into())]), Colour::Ink));
  r.figures.push(Figure::new("Residuals", "Stems", Width::Half, Axis::linear("year"), Axis::linear("ln data − ln model")).named("band", Mark::Band((0..20).map(|n|[1900.0+n as f64,-0.3,0.3]).collect()), Colour::Muted).named("hare", Mark::Stems((0..20).map(|n|[1900.0+n as f64,(n as f64).sin()*0.4]).collect()), Colour::First).named("hare", Mark::Points((0..20).map(|n|[1900.0+n as f64,(n as f64).sin()*0.4]).collect(), Shape::Circle), Colour::First));
  r.rows.push(Row::number("x₁ at t = 10", 165.0207392001).digits(10).near(165.0207392001, 1e-9));
  r.rows.push(Row::number("r₁", 0.0993043).standard_error(0.0012).near(0.0993043, 1e-7));
  r.rows.push(Row::number("MSE", 0.04).at_most(0.05));
  r.rows.push(Row::number("period (years)", 9.7).between(9.0,10.0));
  r.rows.push(Row::word("status", "converged", "stalled"));
  r.rows.push(Row::number("rmse", 0.0212e-3));
  Ok(r) }) }] }
