package main

import (
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
)

// TestAccDemo takes the tour, which checks itself.
func TestAccDemo(t *testing.T) {
	t.Parallel()
	if err := run(acctest.TerraformPath(t), "../../../../examples/demo"); err != nil {
		t.Fatal(err)
	}
}
