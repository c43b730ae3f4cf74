"""The bundled synthetic task: questions to a front desk, uneven answers, noisy labels, a known gold reward."""
