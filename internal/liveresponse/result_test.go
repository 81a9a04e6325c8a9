package liveresponse

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// completed is an action with one script that ended an age ago.
func completed(status, commandStatus string, age time.Duration) mde.MachineAction {
	return mde.MachineAction{ID: "a", Status: status, MachineID: machineID, LastUpdateDateTimeUTC: time.Now().Add(-age), Commands: []mde.ActionCommand{script(commandStatus)}}
}

// transcript answers every download.
func transcript(text string) func(int) (mde.Download, error) {
	return func(int) (mde.Download, error) { return mde.Download{Data: []byte(text)}, nil }
}

// A run that is known to have failed is judged, whether or not its result can
// be fetched.
func TestCollect_judgesAFailedRunWithoutItsResult(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 409, 500} {
		for _, action := range []mde.MachineAction{completed("Failed", "Failed", 0), completed("Failed", "Completed", 0), completed("Succeeded", "Failed", 0)} {
			synctest.Test(t, func(t *testing.T) {
				s := &service{link: func(int) (string, error) { return "", &mde.Error{Op: "get link", Status: status} }}
				judged, err := s.engine().collect(t.Context(), action, collection{awaited: true})
				if err != nil || !strings.Contains(judged.failure, "could not be fetched: get link") {
					t.Errorf("%d: %+v, %v", status, judged, err)
				}
			})
		}
	}
}

func TestCollect_judgesAFailedRunWithoutTheLibrary(t *testing.T) {
	t.Parallel()
	for status, failed := range map[string]bool{"Failed": true, "Succeeded": false} {
		s := &service{download: transcript(`{"exit_code":0}`), library: &mde.Error{Op: "list library files", Status: 403}}
		judged, err := s.engine().collect(t.Context(), completed(status, "Completed", 0), collection{pins: []pin{{"a.ps1", "ab"}}})
		if (err == nil) != failed {
			t.Errorf("%s: %+v, %v", status, judged, err)
		}
		if failed && (judged.failure == "" || len(judged.remarks) != 1) {
			t.Errorf("%s: %+v", status, judged)
		}
	}
}

// The interruption of an apply fails nothing.
func TestCollect_interrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := &service{link: func(int) (string, error) {
		interrupt()
		return "", context.Canceled
	}}
	if judged, err := s.engine().collect(ctx, completed("Failed", "Completed", 0), collection{}); err == nil {
		t.Errorf("got %+v", judged)
	}
}

// How the service says that a result is not there yet is not documented.
func TestCollect_lateResult(t *testing.T) {
	t.Parallel()
	missing := func(status int) error { return &mde.Error{Op: "fetch", Status: status} }
	for name, test := range map[string]struct {
		link, download int // The status of the first two answers, 0 for success.
		want           bool
	}{
		"400": {link: 400, want: true}, "403": {link: 403, want: true}, "404": {link: 404, want: true}, "409": {link: 409, want: true}, "425": {link: 425, want: true},
		"401": {link: 401}, "500": {link: 500},
		"storage 404": {download: 404, want: true}, "storage 403": {download: 403, want: true}, "storage 500": {download: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{}
				s.link = func(n int) (string, error) {
					if n < 3 && test.link != 0 {
						return "", missing(test.link)
					}
					return "https://storage/", nil
				}
				s.download = func(n int) (mde.Download, error) {
					if n < 3 && test.download != 0 {
						return mde.Download{}, missing(test.download)
					}
					return mde.Download{Data: []byte(`{"exit_code":0}`)}, nil
				}
				judged, err := s.engine().collect(t.Context(), completed("Succeeded", "Completed", time.Hour), collection{awaited: true})
				if (err == nil) != test.want || test.want && judged.failure != "" {
					t.Errorf("%+v, %v after %d links and %d downloads", judged, err, s.links, s.downloads)
				}
			})
		})
	}
}

// A result that the service no longer has is no reason to plan for ever.
func TestCollect_resultIsGone(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 410} {
		gone := &mde.Error{Op: "fetch", Status: status}
		for name, s := range map[string]*service{
			"link":     {link: func(int) (string, error) { return "", gone }},
			"download": {download: func(int) (mde.Download, error) { return mde.Download{}, gone }},
		} {
			judged, err := s.engine().collect(t.Context(), completed("Succeeded", "Completed", time.Hour), collection{})
			if err != nil || judged.failure != "" || len(judged.remarks) != 1 {
				t.Errorf("%s, %d: %+v, %v", name, status, judged, err)
			}
			synctest.Test(t, func(t *testing.T) {
				if judged, err := s.engine().collect(t.Context(), completed("Succeeded", "Completed", 0), collection{}); err == nil {
					t.Errorf("%s, %d, a moment after its end: %+v", name, status, judged)
				}
			})
		}
	}
}

func TestCollect_storageRefuses(t *testing.T) {
	t.Parallel()
	s := &service{download: func(int) (mde.Download, error) { return mde.Download{}, &mde.Error{Op: "download", Status: 403} }}
	if judged, err := s.engine().collect(t.Context(), completed("Succeeded", "Completed", time.Hour), collection{}); !errors.Is(err, mde.ErrForbidden) {
		t.Errorf("%+v, %v", judged, err)
	}
}

// An exit code that nobody could read is no success.
func TestCollect_cutTranscript(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"exit_code":3,"script_output":"aaa`: "exit code 3",
		`{"exit_code":0,"script_output":"aaa`: "",
		`{"script_output":"aaa`:               "tells no exit code",
	} {
		s := &service{download: func(int) (mde.Download, error) { return mde.Download{Data: []byte(text), Truncated: true}, nil }}
		judged, err := s.engine().collect(t.Context(), completed("Succeeded", "Completed", time.Hour), collection{})
		if err != nil || (judged.failure == "") != (want == "") || !strings.Contains(judged.failure, want) {
			t.Errorf("%s: %+v, %v", text, judged, err)
		}
	}
}
