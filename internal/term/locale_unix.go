//go:build !windows && !darwin

package term

// utf8WithoutLocale: without LANG and LC_*, POSIX means the C locale.
const utf8WithoutLocale = false
