package libraryfile_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const (
	address = "mde_library_file.test"
	script  = "Get-Date\n"
	script2 = "Get-Process\n"
)

// library is one test's tenant and local folder.
type library struct {
	*acctest.Env
	t   *testing.T
	dir string
}

func newLibrary(t *testing.T, options mdesim.Options) *library {
	t.Helper()
	return &library{Env: acctest.Tenant(t, options), t: t, dir: t.TempDir()}
}

// run runs the steps and checks that destroying leaves nothing behind.
func (l *library) run(steps ...resource.TestStep) {
	l.t.Helper()
	resource.Test(l.t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    steps,
		CheckDestroy:             func(*terraform.State) error { return l.holds() },
	})
}

// file writes a local file and returns its path.
func (l *library) file(name, content string) string {
	l.t.Helper()
	path := filepath.Join(l.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return path
}

// config is the provider and one resource of that body.
func (l *library) config(body string, args ...any) string {
	return l.ProviderConfig() + fmt.Sprintf("resource \"mde_library_file\" \"test\" {\n"+body+"\n}\n", args...)
}

// holds checks that the library consists of these files: names and contents
// in turn.
func (l *library) holds(want ...string) error {
	files := l.Sim.LibraryFiles()
	if len(files) != len(want)/2 {
		return fmt.Errorf("the library holds %d files instead of %d: %v", len(files), len(want)/2, files)
	}
	for i := 0; i < len(want); i += 2 {
		found := false
		for _, file := range files {
			found = found || file.FileName == want[i] && string(file.Content) == want[i+1]
		}
		if !found {
			return fmt.Errorf("the library has no %q that holds %q", want[i], want[i+1])
		}
	}
	return nil
}

// only is a state check that the library consists of these files.
func (l *library) only(want ...string) statecheck.StateCheck {
	return stateFunc(func() error { return l.holds(want...) })
}

// calls is a state check of how many uploads and deletions have reached the
// service since the journal was reset.
func (l *library) calls(uploads, deletions int) statecheck.StateCheck {
	return stateFunc(func() error {
		up, down := l.Sim.Count(mdesim.OpUploadLibraryFile), l.Sim.Count(mdesim.OpDeleteLibraryFile)
		if up != uploads || down != deletions {
			return fmt.Errorf("%d uploads and %d deletions reached the service instead of %d and %d", up, down, uploads, deletions)
		}
		return nil
	})
}

type stateFunc func() error

func (f stateFunc) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = f()
}

func is(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringExact(value))
}

func isNull(attribute string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.Null())
}

func plans(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: append(checks, plancheck.ExpectResourceAction(address, action))}
}

func planned(attribute, value string) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringExact(value))
}

func unknown(attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute))
}

func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
