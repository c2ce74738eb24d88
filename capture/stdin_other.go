//go:build !linux

package capture

import "os"

// fdPath is empty: here a path under /dev/fd is only another name for the same open file.
func fdPath(*os.File) string { return "" }
