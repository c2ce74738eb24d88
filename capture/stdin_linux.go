package capture

import (
	"fmt"
	"os"
)

// fdPath is a path that opens what f has open anew.
func fdPath(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }
