//go:build unix

package bench

import (
	"os"
	"runtime"
	"syscall"
)

// peak returns the largest resident size in bytes. Most systems count in
// kilobytes, macOS does not.
func peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin" || runtime.GOOS == "ios":
		return int64(usage.Maxrss) //nolint:unconvert // Some systems count in 32 bits.
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // As above.
}
