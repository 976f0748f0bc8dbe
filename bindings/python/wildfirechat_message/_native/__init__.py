"""What is generated: the code that calls the native library, which lies beside it."""
