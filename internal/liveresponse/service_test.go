package liveresponse

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// service is a fake of the client's services: its starts and reads answer what
// a test lined up.
type service struct {
	mu      sync.Mutex
	actions []mde.MachineAction
	claimed map[string]bool
	// roll is what other resources do while their claims are awaited.
	roll func()
	// unlisted is the id that the first look lacks: the list lags, or another
	// one reaches further back.
	unlisted  string
	destroyed map[string]bool
	sums      map[string]string

	// run answers the nth start, from 1.
	run  func(n int, request mde.RunRequest) (mde.MachineAction, error)
	runs int
	// poll answers the nth poll, from 1.
	poll  func(n int, id string) (mde.MachineAction, error)
	polls []time.Time
	looks int

	// link and download answer the nth call of their kind, from 1.
	link      func(n int) (string, error)
	download  func(n int) (mde.Download, error)
	links     int
	downloads int
	// library is the error of reading it.
	library error
}

func (s *service) engine() engine {
	return engine{runs: s, actions: s, library: shelf{s}}
}

func (s *service) Run(ctx context.Context, request mde.RunRequest) (mde.MachineAction, error) {
	if err := request.Ready(ctx); err != nil {
		return mde.MachineAction{}, err
	}
	s.mu.Lock()
	s.runs++
	n := s.runs
	s.mu.Unlock()
	if s.run != nil {
		return s.run(n, request)
	}
	return s.accept(request), nil
}

// accept is the effect of a start.
func (s *service) accept(request mde.RunRequest) mde.MachineAction {
	s.mu.Lock()
	defer s.mu.Unlock()
	action := mde.MachineAction{ID: "new-" + time.Now().Format("150405.000"), Status: "Pending", MachineID: request.MachineID, RequestorComment: request.Comment, CreationDateTimeUTC: time.Now()}
	s.actions = append(s.actions, action)
	return action
}

func (s *service) ResultLink(context.Context, string, int) (string, error) {
	s.links++
	if s.link == nil {
		return "https://storage/", nil
	}
	return s.link(s.links)
}

func (s *service) Download(context.Context, string, int64) (mde.Download, error) {
	s.downloads++
	return s.download(s.downloads)
}

func (s *service) Poll(ctx context.Context, id string, interval time.Duration) (mde.MachineAction, error) {
	if err := sleep(ctx, interval); err != nil {
		return mde.MachineAction{}, err
	}
	s.polls = append(s.polls, time.Now())
	return s.poll(len(s.polls), id)
}

func (s *service) ByID(context.Context, string) (mde.MachineAction, error) {
	return mde.MachineAction{}, &mde.Error{Status: 404}
}

func (s *service) RecentRuns(context.Context, time.Duration) ([]mde.MachineAction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	return slices.DeleteFunc(slices.Clone(s.actions), func(a mde.MachineAction) bool { return s.looks == 1 && a.ID == s.unlisted }), nil
}

func (s *service) FreshRuns(ctx context.Context, within time.Duration) ([]mde.MachineAction, error) {
	return s.RecentRuns(ctx, within)
}

func (s *service) Cancel(context.Context, string, string) (mde.MachineAction, error) {
	return mde.MachineAction{}, &mde.Error{Op: "cancel", Status: 400}
}

func (s *service) Claim(id string) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claimed[id] {
		return nil, mde.ErrClaimed
	}
	if s.claimed == nil {
		s.claimed = map[string]bool{}
	}
	s.claimed[id] = true
	return func() {}, nil
}

func (s *service) Claimed(id string) bool { return s.claimed[id] }

func (s *service) AwaitClaims(context.Context) {
	if s.roll != nil {
		s.roll()
	}
}

func (s *service) WasDestroyed(id string) bool { return s.destroyed[id] }

func (s *service) Reserve(context.Context) (func(), bool, error) { return func() {}, false, nil }

func (s *service) Occupy(mde.MachineAction) {}

// shelf is the library of a service.
type shelf struct{ *service }

func (shelf) FreshSince(time.Time) {}

func (shelf) JustUploaded(string) bool { return false }

func (s shelf) Get(_ context.Context, fileName string) (mde.LibraryFile, error) {
	if s.library != nil {
		return mde.LibraryFile{}, s.library
	}
	sum, ok := s.sums[fileName]
	if !ok {
		return mde.LibraryFile{}, mde.ErrNotFound
	}
	return mde.LibraryFile{FileName: fileName, SHA256: sum}, nil
}
