//go:build windows || darwin

package term

// utf8WithoutLocale: these systems' terminals are UTF-8 whatever is set.
const utf8WithoutLocale = true
