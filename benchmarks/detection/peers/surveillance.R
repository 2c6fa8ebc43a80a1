# Scores of two detectors of the R package surveillance, for one series of counts.
#   Rscript surveillance.R farringtonFlexible WEEK FROM       standard input: CSV of y
#   Rscript surveillance.R glrnb              WEEK FROM ALPHA standard input: CSV of y, mu0
# WEEK is bins a week, FROM the first bin that is asked for, from 1, ALPHA the dispersion. Answered is CSV of
# down, up for each bin from FROM on; none knows of later bins.
suppressMessages(library(surveillance))

given <- commandArgs(TRUE)
week <- as.integer(given[2])
bins <- read.csv(file("stdin"))
asked <- as.integer(given[3]):nrow(bins)
series <- sts(observed = bins$y, frequency = week, start = c(1, 1))

# The package tells of too many posts only. So both tails are taken of its own forecast, a negative binomial
# with variance phi * mu: -log10 of how likely so few and so many are.
tails <- function(k) {
  control <- list(
    range = k, b = 7, w = 1, noPeriods = 1, pastWeeksNotIncluded = 1, thresholdMethod = "nbPlugin",
    limit54 = c(0, 4), glmWarnings = FALSE
  )
  found <- suppressWarnings(farringtonFlexible(series, control))@control
  mu <- max(found$mu0Vector[1], 1e-3)
  phi <- max(found$phiVector[1], 1.0001)
  if (!is.finite(mu) || !is.finite(phi)) return(c(0, 0)) # it found no model
  y <- bins$y[k]
  -c(
    pnbinom(y, size = mu / (phi - 1), mu = mu, log.p = TRUE),
    pnbinom(y - 1, size = mu / (phi - 1), mu = mu, lower.tail = FALSE, log.p = TRUE)
  ) / log(10)
}

# No limit that would be reached, as it starts anew after an alarm.
ratio <- function(dir) {
  control <- list(
    range = seq_len(nrow(bins)), mu0 = bins$mu0, alpha = as.numeric(given[4]), M = week, c.ARL = 1e9, dir = dir,
    ret = "value"
  )
  as.numeric(glrnb(series, control)@upperbound)[asked]
}

scores <- switch(given[1],
  farringtonFlexible = t(vapply(asked, tails, c(0, 0))),
  glrnb = cbind(ratio("dec"), ratio("inc"))
)
write.table(signif(scores, 9), sep = ",", row.names = FALSE, col.names = c("down", "up"), quote = FALSE)
