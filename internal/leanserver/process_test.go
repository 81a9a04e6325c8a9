package leanserver_test

import (
	"math"
	"os"
	"runtime/debug"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/leanserver"
)

// It changes the process, so that it runs alone.
func TestTune(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no log":                        {nil, "DEBUG"},
		"log of warnings":               {map[string]string{"TF_LOG": "warn"}, "DEBUG"},
		"log of everything":             {map[string]string{"TF_LOG": "TRACE"}, ""},
		"log in JSON, of everything":    {map[string]string{"TF_LOG": "json"}, ""},
		"log of providers is all":       {map[string]string{"TF_LOG": "INFO", "TF_LOG_PROVIDER": "trace"}, ""},
		"log of providers is less":      {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "DEBUG"}, "DEBUG"},
		"the framework's own, as asked": {map[string]string{"TF_LOG_SDK_FRAMEWORK": "TRACE"}, "TRACE"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, key := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK_FRAMEWORK"} {
				t.Setenv(key, tc.env[key])
			}
			before := debug.SetMemoryLimit(math.MaxInt64)
			defer debug.SetMemoryLimit(before)
			leanserver.Tune()
			if got := os.Getenv("TF_LOG_SDK_FRAMEWORK"); got != tc.want {
				t.Errorf("the framework logs at %q, want %q", got, tc.want)
			}
			if got := debug.SetMemoryLimit(-1); got != 100<<20 {
				t.Errorf("garbage is collected eagerly from %d bytes on", got)
			}
		})
	}
}

func TestTune_keepsAMemoryLimit(t *testing.T) {
	t.Setenv("TF_LOG_SDK_FRAMEWORK", "")
	before := debug.SetMemoryLimit(1 << 30)
	defer debug.SetMemoryLimit(before)
	leanserver.Tune()
	if got := debug.SetMemoryLimit(-1); got != 1<<30 {
		t.Errorf("a limit of 1 GiB became %d bytes", got)
	}
}
