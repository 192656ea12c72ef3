/** Before TensorFlow is loaded: its log is silent up to warnings, unless the environment says otherwise. */
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
