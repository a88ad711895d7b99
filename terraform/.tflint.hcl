# `tflint --config "$PWD/.tflint.hcl" --recursive` in this folder. The rules of the language itself
# are part of tflint; those of AWS are a plug-in, installed by `tflint --init`, and not needed here.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
