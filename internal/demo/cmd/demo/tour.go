package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// tour is a working folder, a Terraform to run in it, and a tenant to look at.
type tour struct {
	dir, terraform string
	tenant         *mdesim.Server
	env            []string
	step           int
}

// version is what the built provider calls itself.
const version = "0.0.1"

// prepare builds the provider into the folder, where terraform init finds it,
// and copies the configuration beside it.
func (t *tour) prepare(ctx context.Context, config string) error {
	fmt.Println("Building the provider.")
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		binary := filepath.Join(t.dir, "terraform.d/plugins", host, "mde-as-code/mde", version, platform, "terraform-provider-mde_v"+version)
		build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-X main.version="+version, "-o", binary, "github.com/mde-as-code/terraform-provider-mde")
		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building the provider: %w\n%s", err, output)
		}
	}
	if err := os.CopyFS(t.dir, os.DirFS(config)); err != nil {
		return err
	}
	bundle := filepath.Join(t.dir, "authority.pem")
	if err := os.WriteFile(bundle, t.tenant.CACertPEM(), 0o600); err != nil {
		return err
	}
	t.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.dir, "TMPDIR=" + os.TempDir(), "CHECKPOINT_DISABLE=1",
		"MDE_TENANT_ID=" + t.tenant.TenantID(), "MDE_CLIENT_ID=" + t.tenant.ClientID(), "MDE_CLIENT_SECRET=" + t.tenant.ClientSecret(),
		"MDE_AUTHORITY_HOST=" + t.tenant.AuthorityURL(), "MDE_ENDPOINT=" + t.tenant.URL(), "SSL_CERT_FILE=" + bundle,
	}
	fmt.Printf("A simulated tenant serves its API at %s and its sign-in at %s.\n", t.tenant.URL(), t.tenant.AuthorityURL())
	return nil
}

func (t *tour) announce(title string) {
	t.step++
	fmt.Printf("\n%d. %s\n", t.step, title)
}

// run runs a Terraform command that must end with the given exit code, and
// returns what it prints. It shows all of that, or the lines that hold one of
// the given texts.
func (t *tour) run(ctx context.Context, want int, command string, only ...string) (string, error) {
	fmt.Printf("   $ %s %s\n", filepath.Base(t.terraform), command)
	args := strings.Fields(command)
	cmd := exec.CommandContext(ctx, t.terraform, append([]string{args[0], "-no-color"}, args[1:]...)...)
	cmd.Dir, cmd.Env = t.dir, t.env
	raw, err := cmd.CombinedOutput()
	output := string(raw)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		show(output)
		return "", fmt.Errorf("terraform %s ended with exit code %d, not %d", args[0], got, want)
	}
	show(output, only...)
	return output, nil
}

// show prints output set off from the tour's own words.
func show(output string, only ...string) {
	for line := range strings.Lines(strings.TrimSpace(output)) {
		if len(only) == 0 || slices.ContainsFunc(only, func(text string) bool { return strings.Contains(line, text) }) {
			fmt.Println(strings.TrimRight("   │ "+line, " \n"))
		}
	}
}

// edit replaces a text that must be in the file.
func (t *tour) edit(name, old, replacement string) error {
	path := filepath.Join(t.dir, name)
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !strings.Contains(string(content), old) {
		return fmt.Errorf("%s does not hold %q", name, old)
	}
	return os.WriteFile(path, []byte(strings.ReplaceAll(string(content), old, replacement)), 0o600)
}
