// What a shop does with the loyalty suite, in JavaScript, with nothing but the contracts in proto/ and @grpc/grpc-js:
//
//     npm install
//     node tests/clients/node/shop.mjs PROGRAM POINTS REFERRAL MEMBERSHIP SURVEYS
//
// PROGRAM is the id of a program to create, the others are the services' addresses (host:port). shop.py is the same in
// Python.
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const CONTRACTS = fileURLToPath(new URL('../../../proto', import.meta.url));
const PATIENCE_MS = 30_000; // until something that another service causes has happened

// Numbers of 64 bits come as strings: points may be more than a Number holds exactly.
const definition = protoLoader.loadSync(
  readdirSync(CONTRACTS, { recursive: true }).filter((name) => name.endsWith('.proto')).map((name) => join(CONTRACTS, name)),
  { includeDirs: [CONTRACTS], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });
const { loyalty } = grpc.loadPackageDefinition(definition);

// gRPC itself tries again what is UNAVAILABLE. That is safe: every call that changes something carries a request id,
// and takes effect once, however often it is sent.
const RETRIES = JSON.stringify({ methodConfig: [{ name: [{}], timeout: '10s', retryPolicy: {
  maxAttempts: 5, initialBackoff: '0.1s', maxBackoff: '2s', backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'] } }] });

// A call that was refused: `reason` is a name of the service's ErrorReason, `metadata` has the values to it.
class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.code = grpc.status[error.code];
    const [status] = error.metadata.get('grpc-status-details-bin');
    const details = status ? definition['loyalty.rpc.v1.Status'].deserialize(status).details : [];
    const info = details.find((detail) => detail.type_url.endsWith('/google.rpc.ErrorInfo'));
    const { reason = '', metadata = {} } = info ? definition['loyalty.rpc.v1.ErrorInfo'].deserialize(info.value) : {};
    Object.assign(this, { reason, metadata });
  }
}

// The answer of an RPC, or a Refused.
async function call(client, method, request) {
  return (await callAndTell(client, method, request)).answer;
}

// The answer, and whether it was given before: this request id had taken effect already.
function callAndTell(client, method, request) {
  return new Promise((resolve, reject) => {
    let answer;
    const rpc = client[method](request, (error, found) => {
      if (error) reject(new Refused(error));
      answer = found;
    });
    rpc.on('status', ({ code, metadata }) => {
      if (code === grpc.status.OK) resolve({ answer, replayed: metadata.get('replayed')[0] === 'true' });
    });
  });
}

// A request id. Make it before the first attempt, keep it with the order, use it in every attempt.
const newId = () => randomUUID();

const now = () => ({ seconds: Math.floor(Date.now() / 1000), nanos: (Date.now() % 1000) * 1_000_000 });

class Shop {
  constructor(program, points, referral, membership, surveys) {
    const client = (Service, address) =>
      new Service(address, grpc.credentials.createInsecure(), { 'grpc.service_config': RETRIES });
    this.program = program;
    this.programs = client(loyalty.points.v1.ProgramService, points);
    this.points = client(loyalty.points.v1.PointsService, points);
    this.pointEvents = client(loyalty.events.v1.EventService, points); // each service has one, for its own events
    this.campaigns = client(loyalty.referral.v1.CampaignService, referral);
    this.referrals = client(loyalty.referral.v1.ReferralService, referral);
    this.plans = client(loyalty.membership.v1.PlanService, membership);
    this.memberships = client(loyalty.membership.v1.MembershipService, membership);
    this.surveys = client(loyalty.surveys.v1.SurveyService, surveys);
    this.responses = client(loyalty.surveys.v1.ResponseService, surveys);
    this.cases = client(loyalty.surveys.v1.CaseService, surveys);
  }

  // Once for a program, by whoever runs it: what members can earn, and how.
  async setUp() {
    const mine = { program_id: this.program };
    await call(this.programs, 'CreateProgram', { program: {
      ...mine, display_name: 'Corner shop', currency_code: 'EUR', time_zone: 'Europe/Rome',
      base_earn_rate: { points: 1, per_major_units: 1 }, enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT' } });
    await call(this.campaigns, 'CreateCampaign', { ...mine, request_id: newId(), campaign: {
      campaign_id: 'friends', terms: {
        display_name: 'Bring a friend', trigger: 'TRIGGER_FIRST_PURCHASE', minimum_amount_minor: 2000,
        friend_reward: { points: 50 }, brackets: [{ from_referral: 1, reward: { points: 100 } }] } } });
    await call(this.campaigns, 'ActivateCampaign', { ...mine, campaign_id: 'friends', request_id: newId() });
    await call(this.plans, 'CreatePlan', { request_id: newId(), actor: 'shop', plan: {
      ...mine, plan_id: 'plus', display_name: 'Plus', billing: { kind: 'BILLING_KIND_YEARLY', count: 1 },
      prices: [{ currency_code: 'EUR', amount_minor: 2900 }],
      benefits: [{ benefit_id: 'lounge', kind: 'BENEFIT_KIND_QUOTA', quota: 2 },
        { benefit_id: 'welcome', kind: 'BENEFIT_KIND_SIGN_UP_POINTS', points: 100 }] } });
    await call(this.surveys, 'CreateSurvey', { ...mine, request_id: newId(), survey: {
      survey_id: 'recommend', display_name: 'Would you recommend us?', completion_points: 15,
      questions: [{ question_id: 'nps', type: 'QUESTION_TYPE_NPS', text: 'Would you recommend us?', required: true,
        follow_up: { detractor: 'What went wrong?' } }],
      case_policy: { make_good_limit_points: 500 } } });
    await call(this.surveys, 'PublishSurvey', { ...mine, survey_id: 'recommend', request_id: newId() });
  }

  // The events of the points service as they happen. Who keeps the position of the last answer can go on after it at
  // any time: the stream ends when the server goes.
  async *watch(filter) {
    const deadline = Date.now() + PATIENCE_MS;
    const stream = this.pointEvents.WatchEvents({ program_id: this.program, ...filter }, { deadline });
    stream.on('error', () => {}); // the loop throws it; this is for the one that our own cancel() brings
    try {
      for await (const { events } of stream) yield* events;
    } finally {
      stream.cancel();
    }
  }

  // Waits until points from another service have arrived, by following the member's ledger.
  async award(member, cause) {
    for await (const event of this.watch({ member_id: member, types: ['loyalty.points.v1.EntryPosted'] })) {
      const { entry } = definition[event.type].deserialize(event.payload.value);
      if (entry.cause.startsWith(cause)) return entry;
    }
    throw new Error('the server is going: watch again, after the position of the last answer');
  }

  async firstEvents(count) {
    const found = [];
    for await (const event of this.watch({})) {
      if (found.push(event) === count) break;
    }
    return found;
  }

  // Ada brings Ben. Ben buys, joins the paid plan, is not content, and is made content.
  async play() {
    const mine = { program_id: this.program };
    const ben = { ...mine, member_id: 'ben' };

    for (const name of ['ada', 'ben']) {
      const { member } = await call(this.points, 'EnrollMember', { ...mine, member_id: name });
      console.log(`${member.member_id} is enrolled with ${member.available_points} points`);
    }

    const { code: { code } } = await call(this.referrals, 'GetOrCreateCode',
      { ...mine, campaign_id: 'friends', member_id: 'ada' });
    try {
      await call(this.referrals, 'ClaimReferral', { ...mine, friend_id: 'ada', code, request_id: newId() });
    } catch (refused) {
      console.log(`ada cannot use her own code: ${refused.code} ${refused.reason}`);
    }
    const { referral } = await call(this.referrals, 'ClaimReferral',
      { ...mine, friend_id: 'ben', code, request_id: newId() });
    console.log(`ben uses the code of ${referral.referrer_id}: ${referral.state}`);

    const purchase = { ...ben, request_id: newId(), purchase: {
      order_id: 'A-17', purchase_time: now(), total_minor: 4990, channel: 'web',
      lines: [{ sku: 'kettle', quantity: 1, amount_minor: 4990 }] } };
    for (let attempt = 1; attempt <= 2; ++attempt) { // the answer to the first one may have been lost on its way
      const { answer: { entry }, replayed } = await callAndTell(this.points, 'RecordPurchase', purchase);
      console.log(`ben buys for 49.90: ${entry.points} points, sequence ${entry.sequence}, ` +
        `replayed ${replayed ? 'yes' : 'no'}`);
    }
    for (const name of ['ada', 'ben']) {
      console.log(`${name} gets ${(await this.award(name, 'referral:')).points} points for the referral`);
    }

    const subscribed = await call(this.memberships, 'Subscribe',
      { ...ben, request_id: newId(), plan_id: 'plus', payment_method: 'token-of-the-provider' });
    const welcome = await this.award('ben', 'membership:'); // so it is paid
    console.log(`ben joins plus and gets ${welcome.points} points`);
    const { membership } = await call(this.memberships, 'GetMembership',
      { ...mine, membership_id: subscribed.membership.membership_id });
    console.log(`the membership is ${membership.state}`);
    const visit = await call(this.memberships, 'UseBenefit', { ...ben, request_id: newId(), benefit_id: 'lounge' });
    console.log(`ben visits the lounge, ${visit.left} left`);
    try {
      await call(this.memberships, 'UseBenefit', { ...ben, request_id: newId(), benefit_id: 'lounge', count: 2 });
    } catch (refused) {
      const { asked, left } = refused.metadata;
      console.log(`with two friends: ${refused.code} ${refused.reason}, asked ${asked}, left ${left}`);
    }

    const { invitation: { token } } = await call(this.responses, 'CreateInvitation',
      { ...ben, survey_id: 'recommend', request_id: newId(), channel: 'mail' });
    const { survey } = await call(this.responses, 'GetInvitation', { ...mine, token });
    const { case_id } = await call(this.responses, 'SubmitResponse', { ...mine, token,
      answers: [{ question_id: survey.questions[0].question_id, score: 4, comment: 'The kettle leaks.' }] });
    const thanks = await this.award('ben', 'survey-response:');
    console.log(`ben answers 4, gets ${thanks.points} points, and opens a case`);
    await call(this.cases, 'AddCaseNote', { ...mine, case_id, request_id: newId(), actor: 'carla',
      kind: 'NOTE_KIND_CONTACT', text: 'Sent a new kettle.' });
    const resolved = await call(this.cases, 'ResolveCase', { ...mine, case_id, request_id: newId(), actor: 'carla',
      resolution: 'New kettle', make_good_points: 200 });
    const makeGood = await this.award('ben', 'case:');
    console.log(`the case is ${resolved.case.state}, ben gets ${makeGood.points} points`);

    await call(this.points, 'Spend', { ...ben, request_id: newId(), points: 300, reason: 'Coffee machine' });
    const { balance } = await call(this.points, 'GetBalance', ben);
    console.log(`ben takes a coffee machine for 300 points and has ${balance.available_points} left`);

    console.log("ben's statement, the newest first:");
    let page_token = '';
    do { // page by page
      const page = await call(this.points, 'ListEntries', { ...ben, page_size: 4, page_token });
      for (const { sequence, kind, points, balance_after } of page.entries) {
        console.log(`  ${sequence} ${kind} ${points > 0 ? '+' : ''}${points} = ${balance_after}`);
      }
      page_token = page.next_page_token;
    } while (page_token);

    console.log('the first events of points:');
    for (const { position, type, member_id } of await this.firstEvents(4)) {
      console.log(`  ${position} ${type} ${member_id || '-'}`);
    }
  }
}

const shop = new Shop(...process.argv.slice(2));
await shop.setUp();
await shop.play();
