package mde_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestUpload_everyFieldSurvivesTheTrip(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		upload := mde.LibraryUpload{FileName: "a.ps1", Content: []byte("Write-Output 1"), Description: "d, é", ParametersDescription: "p", HasParameters: true}
		uploaded, err := client.LibraryFiles.Upload(t.Context(), upload)
		if err != nil {
			t.Fatal(err)
		}
		client.LibraryFiles.Fresh()
		listed, err := client.LibraryFiles.Get(t.Context(), "A.PS1")
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []mde.LibraryFile{uploaded, listed} {
			if got.FileName != upload.FileName || len(got.SHA256) != 64 || got.Description != upload.Description || got.ParametersDescription != "p" || !got.HasParameters || got.CreationTime.IsZero() {
				t.Errorf("got %+v", got)
			}
		}
		if stored := sim.LibraryFiles(); string(stored[0].Content) != "Write-Output 1" {
			t.Errorf("stored %q", stored[0].Content)
		}
	})
}

func TestUpload_anAnswerThatIsLostIsSettledByReading(t *testing.T) {
	t.Parallel()
	for _, override := range []bool{false, true} {
		for name, cut := range map[string]mdesim.Cut{"after": mdesim.CutAfterEffect, "half": mdesim.CutBody, "before": mdesim.CutBeforeEffect} {
			t.Run(fmt.Sprintf("%s, override %v", name, override), func(t *testing.T) {
				t.Parallel()
				tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
					sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Cut: cut})
					got, err := client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: "a.ps1", Content: []byte("1"), Override: override})
					if err != nil || got.FileName != "a.ps1" {
						t.Errorf("%+v, %v", got, err)
					}
				})
			})
		}
	}
}

func TestUpload_anErrorAfterTheEffectIsSettledByReading(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		for _, lag := range []time.Duration{0, 4 * time.Second} {
			t.Run(fmt.Sprintf("%s, lag %v", http.StatusText(status), lag), func(t *testing.T) {
				t.Parallel()
				tenant(t, mdesim.Options{VisibilityLag: lag}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
					sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Status: status, AfterEffect: true})
					got, err := client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: "a.ps1", Content: []byte("1")})
					if err != nil || got.FileName != "a.ps1" {
						t.Errorf("%+v, %v", got, err)
					}
				})
			})
		}
	}
}

func TestUpload_anAnswerWithoutAHashIsConfirmedByTheList(t *testing.T) {
	t.Parallel()
	const sum = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
	for name, tt := range map[string]struct {
		lag   time.Duration
		spoil bool
		want  string
	}{
		"listed":          {want: sum},
		"not listed yet":  {lag: time.Minute, want: sum},
		"listed as other": {spoil: true, want: "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, mdesim.Options{VisibilityLag: tt.lag}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
				sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Status: 200, Body: `{"fileName":"a.ps1"}`, AfterEffect: true})
				if tt.spoil {
					sim.AddFault(mdesim.Fault{Op: mdesim.OpListLibraryFiles, Match: func(mdesim.Call) bool {
						sim.SeedLibraryFile("a.ps1", []byte("2"), nil)
						return false
					}})
				}
				got, err := client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: "a.ps1", Content: []byte("1")})
				if err != nil || got.SHA256 != tt.want {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

func TestUpload_aNameThatAnotherHasIsRefused(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		sim.SeedLibraryFile("a.ps1", []byte("theirs"), nil)
		if _, err := client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: "a.ps1", Content: []byte("1")}); err == nil {
			t.Error("the upload is said to have succeeded")
		}
	})
}

func TestLibraryFiles_oneListServesAllReaders(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		for i := range 20 {
			sim.SeedLibraryFile(fmt.Sprintf("f%d.ps1", i), []byte("x"), nil)
		}
		each(20, func(i int) {
			if _, err := client.LibraryFiles.Get(t.Context(), fmt.Sprintf("f%d.ps1", i)); err != nil {
				t.Error(err)
			}
		})
		if err := client.LibraryFiles.Delete(t.Context(), "f3.ps1"); err != nil {
			t.Error(err)
		}
		if _, err := client.LibraryFiles.Get(t.Context(), "f3.ps1"); !errors.Is(err, mde.ErrNotFound) {
			t.Errorf("err = %v", err)
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListLibraryFiles: 1})
		if query := sim.Journal()[0].Query; query != "" {
			t.Errorf("the list was asked for with %q, and no option is documented", query)
		}
	})
}

func TestDelete_leavesTheFilesOfThisApply(t *testing.T) {
	t.Parallel()
	for _, fold := range []bool{false, true} {
		tenant(t, mdesim.Options{FoldFileNames: fold}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
			// A rename that changes the case alone.
			sim.SeedLibraryFile("a.ps1", []byte("x"), nil)
			if _, err := client.LibraryFiles.Claim("A.ps1"); err != nil {
				t.Fatal(err)
			}
			if _, err := client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: "A.ps1", Content: []byte("y"), Override: true}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"a.ps1", "A.ps1"} {
				if err := client.LibraryFiles.Delete(t.Context(), name); err != nil {
					t.Error(err)
				}
			}
			if left := sim.LibraryFiles(); len(left) != 1 || string(left[0].Content) != "y" {
				t.Errorf("names folded %v: left %v", fold, left)
			}
		})
	}
}
