# `tflint --config "$PWD/.tflint.hcl" --recursive` in this folder. The rules of the language itself
# come with tflint; those of AWS are a plug-in, fetched by `tflint --init`, and not needed here.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
