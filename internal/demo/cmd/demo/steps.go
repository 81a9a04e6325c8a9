package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const script = "Collect-Triage.ps1"

// step is one thing that the tour shows.
type step struct {
	title string
	run   func(context.Context) error
}

func (t *tour) steps() []step {
	return []step{
		{"terraform init finds the provider that was just built; nothing is downloaded.", t.initialise},
		{"The plan shows a script, five indicators and one run before anything happens.", t.plan},
		{"apply uploads the script, creates the indicators and runs the script on the device.", t.apply},
		{"The outputs: the script's exit code, and the links to the results (sensitive, shown on purpose).", t.outputs},
		{"A second plan is empty, whatever the service has normalised.", t.secondPlan},
		{"One line of the script changes: the plan shows that line, the new hash, and that the run would run again.", t.changeScript},
		{"apply replaces the script in place and runs it once more.", t.applyChange},
		{"Somebody swaps the script in the portal: the plan sees the foreign hash, and apply puts the reviewed script back.", t.swapScript},
		{"destroy removes all of it.", t.destroy},
		{"The tenant is as empty as it was.", t.checkEmpty},
	}
}

func (t *tour) initialise(ctx context.Context) error {
	_, err := t.run(ctx, 0, "init", "Installed", "successfully")
	return err
}

func (t *tour) plan(ctx context.Context) error {
	_, err := t.run(ctx, 2, "plan -detailed-exitcode -out=tour.tfplan")
	return err
}

func (t *tour) apply(ctx context.Context) error {
	if _, err := t.run(ctx, 0, "apply -compact-warnings tour.tfplan"); err != nil {
		return err
	}
	kinds := map[string]bool{}
	for _, indicator := range t.tenant.Indicators() {
		kinds[indicator.IndicatorType] = true
	}
	if len(kinds) < 4 {
		return fmt.Errorf("the tenant has indicators of %d types", len(kinds))
	}
	return errors.Join(t.holdsScript(), t.ran(1))
}

func (t *tour) outputs(ctx context.Context) error {
	code, err := t.run(ctx, 0, "output exit_code")
	if err != nil {
		return err
	}
	if strings.TrimSpace(code) != "0" {
		return fmt.Errorf("the exit code is %q", code)
	}
	links, err := t.run(ctx, 0, "output -json result_urls")
	if err != nil {
		return err
	}
	if !strings.Contains(links, "sig=") {
		return errors.New("the links are not signed")
	}
	return nil
}

func (t *tour) secondPlan(ctx context.Context) error {
	_, err := t.run(ctx, 0, "plan -detailed-exitcode")
	return err
}

func (t *tour) changeScript(ctx context.Context) error {
	if err := t.edit(script, "Get-CimInstance Win32_Service |", "Get-CimInstance Win32_Service -Filter \"State = 'Running'\" |"); err != nil {
		return err
	}
	output, err := t.run(ctx, 2, "plan -detailed-exitcode -compact-warnings -out=tour.tfplan")
	if err != nil {
		return err
	}
	if !strings.Contains(output, "+ Get-CimInstance Win32_Service -Filter") {
		return errors.New("the plan does not show the changed line")
	}
	return nil
}

func (t *tour) applyChange(ctx context.Context) error {
	if _, err := t.run(ctx, 0, "apply -compact-warnings tour.tfplan"); err != nil {
		return err
	}
	return errors.Join(t.holdsScript(), t.ran(2))
}

func (t *tour) swapScript(ctx context.Context) error {
	t.tenant.SeedLibraryFile(script, []byte("Write-Output 'not what was reviewed'\n"), nil)
	if _, err := t.run(ctx, 0, "apply -auto-approve -compact-warnings"); err != nil {
		return err
	}
	return errors.Join(t.holdsScript(), t.ran(2))
}

func (t *tour) destroy(ctx context.Context) error {
	_, err := t.run(ctx, 0, "destroy -auto-approve", "complete")
	return err
}

func (t *tour) checkEmpty(context.Context) error {
	files, indicators := len(t.tenant.LibraryFiles()), len(t.tenant.Indicators())
	fmt.Printf("   %d library files, %d indicators.\n", files, indicators)
	if files+indicators > 0 {
		return errors.New("the tenant is not empty")
	}
	for _, action := range t.tenant.MachineActions() {
		if action.Status != "Succeeded" {
			return fmt.Errorf("action %s is %s", action.ID, action.Status)
		}
	}
	return nil
}

// holdsScript checks that the library holds the local script, byte for byte.
func (t *tour) holdsScript() error {
	want, err := os.ReadFile(filepath.Join(t.dir, script))
	if err != nil {
		return err
	}
	for _, file := range t.tenant.LibraryFiles() {
		if file.FileName == script && string(file.Content) == string(want) {
			return nil
		}
	}
	return errors.New("the library does not hold the reviewed script")
}

// ran checks how often a device really ran the script.
func (t *tour) ran(want int) error {
	if got := len(t.tenant.Executed()); got != want {
		return fmt.Errorf("the script ran %d times, not %d", got, want)
	}
	return nil
}
