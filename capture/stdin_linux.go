package capture

import (
	"fmt"
	"os"
)

// fdPath returns a path that opens once more what f has open.
func fdPath(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }
