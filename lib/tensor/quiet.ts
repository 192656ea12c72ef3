/** Silences TensorFlow's log up to warnings, before it is loaded, unless the environment says otherwise. */
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
