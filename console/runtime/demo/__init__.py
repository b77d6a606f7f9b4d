"""The demo bank 云杉银行 (Spruce Bank): fictional, and its pages say so."""
