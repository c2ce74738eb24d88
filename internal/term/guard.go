package term

import "fmt"

// guardVariable in the environment makes this program a guard.
const guardVariable = "ACIP_TERMINAL_GUARD"

// crashLine is what the guard prints on the restored terminal; summary is the first line of the crash, path the report,
// both empty if there is none.
func crashLine(program, summary, path string) string {
	if summary == "" {
		return fmt.Sprintf("%s: error: killed; the terminal has been restored\n", program)
	}
	line := fmt.Sprintf("%s: error: crashed: %s\n", program, summary)
	if path != "" {
		line += fmt.Sprintf("%s: hint: please report it, with what stands in %s\n", program, path)
	}
	return line
}
