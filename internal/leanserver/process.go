package leanserver

import (
	"cmp"
	"math"
	"os"
	"runtime/debug"
	"strings"
)

// memoryGoal is the memory, in bytes, from which on garbage is collected
// eagerly: a set of 15,000 indicators lives in half of it, and CI runners are
// small. It is no bound, and GOMEMLIMIT replaces it.
const memoryGoal = 100 << 20

// frameworkLevel is the variable that gives the level of the framework's log.
const frameworkLevel = "TF_LOG_SDK_FRAMEWORK"

// Tune fits the process to large objects. It belongs to a program's main
// function.
//
// Unless Terraform logs at the level TRACE, the framework
// (terraform-plugin-framework v1.19.0, FrameworkWithAttributePath) is kept from
// writing a line for each element of a map, six times over: each finds its
// logger at the end of a chain that the one before has made longer, which takes
// nine tenths of the time of a set of 15,000 indicators. This part can go when
// the chain no longer grows.
func Tune() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryGoal)
	}
	if os.Getenv(frameworkLevel) != "" || logsTrace(cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"))) {
		return
	}
	_ = os.Setenv(frameworkLevel, "DEBUG") // It can only be slower without.
}

// logsTrace tells whether Terraform writes trace lines at a level of its log. It
// takes what it does not know for TRACE.
func logsTrace(level string) bool {
	switch strings.ToUpper(level) {
	case "", "OFF", "ERROR", "WARN", "INFO", "DEBUG":
		return false
	}
	return true
}
