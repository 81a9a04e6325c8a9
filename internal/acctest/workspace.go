package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// providerVersion is the version under which a workspace finds the provider.
const providerVersion = "0.0.1"

// Folder is a working folder in which real Terraform (or OpenTofu) runs the
// provider's own binary, as a user's does: for what the test framework cannot
// do, such as signals, killed processes, and logs. Everything in it, the home
// folder included, is the test's own.
type Folder struct {
	// Dir is the folder's path.
	Dir string

	t         *testing.T
	terraform string
	env       map[string]string

	mu   sync.Mutex
	logs []string
}

// Workspace returns a working folder that ends with the test.
func Workspace(t *testing.T) *Folder {
	t.Helper()
	f := &Folder{Dir: t.TempDir(), t: t, terraform: TerraformPath(t), env: map[string]string{}}
	binary, err := providerBinary()
	if err != nil {
		t.Fatal(err)
	}
	installed := func(host string) string {
		return filepath.Join("terraform.d/plugins", host, "mde-as-code/mde", providerVersion, runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-mde_v"+providerVersion)
	}
	f.write(installed("registry.terraform.io"), binary, 0o755)
	f.link(installed("registry.terraform.io"), installed("registry.opentofu.org"))
	f.Write("terraform.tf", `terraform {
  required_providers {
    mde = { source = "mde-as-code/mde" }
  }
}
`)
	return f
}

// Write puts a file into the folder; name may hold slashes.
func (f *Folder) Write(name, content string) {
	f.t.Helper()
	f.write(name, []byte(content), 0o600)
}

// Read returns the content of a file in the folder.
func (f *Folder) Read(name string) string {
	f.t.Helper()
	content, err := os.ReadFile(f.Path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(content)
}

// Copy puts the content of a folder of the repository into the folder.
func (f *Folder) Copy(dir string) {
	f.t.Helper()
	if err := os.CopyFS(f.Dir, os.DirFS(dir)); err != nil {
		f.t.Fatal(err)
	}
}

// Path returns the path of a file in the folder.
func (f *Folder) Path(name string) string {
	return filepath.Join(f.Dir, filepath.FromSlash(name))
}

// Setenv sets a variable for the commands that follow. They see none of the
// test's own TF_, MDE_, ARM_ and AZURE_ variables, nor those of a CI system.
func (f *Folder) Setenv(key, value string) {
	f.env[key] = value
}

// Use points the provider at a tenant, with a ready token.
func (f *Folder) Use(env *Env) {
	f.Setenv("MDE_ENDPOINT", env.Sim.URL())
	f.Setenv("MDE_ACCESS_TOKEN", env.Sim.AccessToken())
}

// SignIn points the provider at a tenant and its token endpoint; what proves
// the application's identity is for the test to set.
func (f *Folder) SignIn(env *Env) {
	f.Write("authority.pem", string(env.Sim.CACertPEM()))
	f.Setenv("SSL_CERT_FILE", f.Path("authority.pem"))
	f.Setenv("MDE_ENDPOINT", env.Sim.URL())
	f.Setenv("MDE_AUTHORITY_HOST", env.Sim.AuthorityURL())
	f.Setenv("MDE_TENANT_ID", env.Sim.TenantID())
	f.Setenv("MDE_CLIENT_ID", env.Sim.ClientID())
}

// Init runs terraform init, offline.
func (f *Folder) Init() {
	f.t.Helper()
	f.Run("init", "-input=false", "-no-color")
}

// Plan runs terraform plan and returns what it prints.
func (f *Folder) Plan(args ...string) string {
	f.t.Helper()
	return f.Run(append([]string{"plan", "-input=false", "-no-color"}, args...)...)
}

// Apply runs terraform apply and returns what it prints.
func (f *Folder) Apply(args ...string) string {
	f.t.Helper()
	return f.Run(append([]string{"apply", "-input=false", "-no-color", "-auto-approve"}, args...)...)
}

// Destroy runs terraform destroy and returns what it prints.
func (f *Folder) Destroy(args ...string) string {
	f.t.Helper()
	return f.Run(append([]string{"destroy", "-input=false", "-no-color", "-auto-approve"}, args...)...)
}

// Run runs a terraform command that must end well and returns what it prints,
// on standard output and standard error alike.
func (f *Folder) Run(args ...string) string {
	f.t.Helper()
	output, err := f.Start(args...).Wait()
	if err != nil {
		f.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// RunError runs a terraform command that must fail and returns what it prints.
func (f *Folder) RunError(args ...string) string {
	f.t.Helper()
	output, err := f.Start(args...).Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		f.t.Fatalf("terraform %s ended with %v instead of a failure\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// Needs skips the test on versions before 1.terraform of Terraform and
// 1.openTofu of OpenTofu.
func (f *Folder) Needs(terraform, openTofu int) {
	f.t.Helper()
	text, _, _ := strings.Cut(f.Run("version"), "\n")
	var name string
	var minor int
	if _, err := fmt.Sscanf(text, "%s v1.%d", &name, &minor); err != nil {
		f.t.Fatalf("%s: %v", text, err)
	}
	if name == "Terraform" && minor < terraform || name == "OpenTofu" && minor < openTofu {
		f.t.Skipf("%s is too old", text)
	}
}

// NoOpenTofu is the version for what no OpenTofu has so far.
const NoOpenTofu = 99

// Start starts a terraform command. A command that still runs when the test
// ends is killed.
func (f *Folder) Start(args ...string) *Process {
	f.t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(f.t.Context()), f.terraform, args...)
	p := &Process{t: f.t, cmd: cmd, log: f.newLog(), done: make(chan struct{})}
	cmd.Dir = f.Dir
	cmd.Env = f.environ(p.log)
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	if err := cmd.Start(); err != nil {
		f.t.Fatalf("starting terraform %s: %v", strings.Join(args, " "), err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	f.t.Cleanup(p.Kill)
	return p
}

// Log returns what all commands so far have logged at TRACE.
func (f *Folder) Log() string {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var all strings.Builder
	for _, path := range f.logs {
		log, err := readLog(path)
		if err != nil {
			f.t.Fatal(err)
		}
		all.WriteString(log)
	}
	return all.String()
}

func (f *Folder) newLog() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.Path(fmt.Sprintf("trace-%d.log", len(f.logs)+1))
	f.logs = append(f.logs, path)
	return path
}

func (f *Folder) write(name string, content []byte, mode os.FileMode) {
	f.t.Helper()
	path := f.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, mode); err != nil {
		f.t.Fatal(err)
	}
}

// link gives a file in the folder a second name: a provider has tens of megabytes.
func (f *Folder) link(name, other string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.Path(other)), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Link(f.Path(name), f.Path(other)); err != nil {
		f.t.Fatal(err)
	}
}

// environ is the test's environment without anything that configures
// Terraform or the provider, then the folder's own.
func (f *Folder) environ(log string) []string {
	var env []string
	for _, entry := range os.Environ() {
		key, _, _ := strings.Cut(entry, "=")
		prefix, _, _ := strings.Cut(key, "_")
		switch prefix {
		case "TF", "MDE", "ARM", "AZURE", "ACTIONS", "SYSTEM", "IDENTITY", "MSI", "HOME":
		default:
			env = append(env, entry)
		}
	}
	env = append(env, "HOME="+f.Dir, "CHECKPOINT_DISABLE=1", "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	for key, value := range f.env {
		env = append(env, key+"="+value)
	}
	return env
}

// TerraformPath finds the core to test with: the test framework's own variable,
// then Terraform, then OpenTofu. Like every acceptance test it wants TF_ACC=1.
func TerraformPath(t *testing.T) string {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("neither terraform nor tofu is on PATH; make test builds one")
	return ""
}

// providerBinary builds the provider, once in a test process. It is kept in
// memory so that no file outlives the tests.
var providerBinary = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "terraform-provider-mde")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "provider")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", path, "github.com/mde-as-code/terraform-provider-mde")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	return os.ReadFile(path)
})
